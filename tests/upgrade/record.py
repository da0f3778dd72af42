"""Records what a release writes while jobs are in flight: python -m tests.upgrade.record RELEASE.

It makes a school, lets the release's own code begin jobs of each sort, and leaves them as workers do that are
killed. Run it once for each release, at its commit, and keep what it writes to tests/upgrade/RELEASE.
"""

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import django
from aiosmtpd.controller import Controller
from django.core.management import call_command
from switchyard.yard.group import Group, running_group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import wait_until_ready
from switchyard.yard.valkey import Valkey

from tests.upgrade import recording

STUDENTS = 12
DIES_AFTER = 5
"""So many mails of the mailing at work have left, when its worker dies with the next one."""
ROWS = 40
FIRST_LINE = "student_number,first_name,last_name,email,major,graduation_year"


class Relay:
    """Takes mails; the one after the `DIES_AFTER`-th kills its sender once it is here."""

    def __init__(self) -> None:
        """Have taken none."""
        self.delivered: list[str] = []
        self.sender = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's)
        """Take a mail."""
        self.delivered += envelope.rcpt_tos
        if len(self.delivered) > DIES_AFTER:
            os.kill(self.sender, signal.SIGKILL)
        return "250 OK"


def main(release: str) -> None:
    """Record the release."""
    folder = Path(__file__).parent / release
    shutil.rmtree(folder, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory(prefix="switchyard-record-") as home,
        running_group(logs=Path(home)) as group,
    ):
        postgres, valkey = _servers(Path(home), group)
        relay = Relay()
        controller = Controller(relay, hostname="127.0.0.1", port=free_ports(1)[0])
        controller.start()
        _set_up(folder, postgres=postgres, broker=valkey.url, relay_port=controller.port)
        _fill(relay)
        _keep(folder, release=release, relay=relay)
        controller.stop()


def _servers(home: Path, group: Group) -> tuple[str, Valkey]:
    postgres = Postgres(home=home / "postgres", port=free_ports(1)[0], durable=False)
    valkey = Valkey(home=home / "valkey", port=free_ports(1)[0], password="for-tests")
    for server in (postgres, valkey):
        server.prepare()
        wait_until_ready([group.start(server.program())], seconds=60)
    return postgres.url, valkey


def _set_up(folder: Path, *, postgres: str, broker: str, relay_port: int) -> None:
    """Set Django up; what it stores as files lies in the recording at once."""
    given = {
        "DATABASE_URL": postgres,
        "BROKER_URL": broker,
        "DJANGO_SETTINGS_MODULE": "switchyard.settings",
        "MAIL_RELAY_HOST": "127.0.0.1",
        "MAIL_RELAY_PORT": str(relay_port),
        "SECRET_KEY": "for-tests",
        "SWITCHYARD_DEMO": "on",
        "SWITCHYARD_VAR": str(folder),
    }
    os.environ.update(given)
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)


def _fill(relay: Relay) -> None:
    """Let jobs of each sort wait, be at work, and be half done."""
    from emails import codes  # noqa: PLC0415 (Django is set up by now)
    from jobs.execution import answer  # noqa: PLC0415 (as above)
    from jobs.testing import be_present  # noqa: PLC0415 (as above)

    office = _make_office()
    be_present()
    half = _mailing(office, subject="Half sent")
    answer(lane="bulk", worker="bulk@old-1")  # its plan
    _die_at_work(relay, lambda: answer(lane="bulk", worker="bulk@old-1"))
    _mailing(office, subject="Waiting")
    _packet(office, title="Half built")
    answer(lane="packets", worker="packets@old-2")
    answer(lane="packets", worker="packets@old-2")
    _claim("packets", worker="packets@old-2")
    _packet(office, title="Waiting")
    _import(office)
    _upload(office, name="waiting.csv", first=500)
    _claim("uploads", worker="uploads@old-3")
    from django.utils import timezone  # noqa: PLC0415 (as above)

    codes.request_code(person=office["person"], now=timezone.now())
    assert half.pk


def _make_office() -> dict[str, Any]:
    from django.core.files.base import ContentFile  # noqa: PLC0415 (as above)

    from jobs import files  # noqa: PLC0415 (as above)
    from jobs.models import Person, School  # noqa: PLC0415 (as above)
    from uploads.models import Student, StudentDocument  # noqa: PLC0415 (as above)

    school = School.objects.create(name="Harbour College", slug="harbour")
    person = Person.objects.create_user(
        email="staff@harbour.example", password="correct horse battery staple", name="Staff", school=school
    )
    for place in range(STUDENTS):
        student = Student.objects.create(
            school=school,
            number=f"{place:05}",
            first_name=f"First{place}",
            last_name=f"Last{place}",
            email=f"student{place}@harbour.example",
            major="History",
        )
        stored = files.store(
            school=school,
            name=f"resume-{place}.pdf",
            media_type="application/pdf",
            content=ContentFile(_pdf(f"Student {place}")),
            by=person,
        )
        StudentDocument.objects.create(school=school, student=student, document_type="resume", file=stored)
    return {"school": school, "person": person}


def _pdf(text: str) -> bytes:
    import pikepdf  # noqa: PLC0415 (as above)

    pdf = pikepdf.new()
    names = pikepdf.Name
    font = pikepdf.Dictionary(Type=names.Font, Subtype=names.Type1, BaseFont=names.Helvetica)
    page = pdf.add_blank_page()
    page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode())
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    pdf.save(written := BytesIO())
    return written.getvalue()


def _mailing(office: dict[str, Any], *, subject: str) -> Any:
    from emails import sending  # noqa: PLC0415 (as above)
    from emails.models import Mailing  # noqa: PLC0415 (as above)

    mailing = Mailing.objects.create(
        school=office["school"], created_by=office["person"], subject=subject, body="Hi {{ first_name }}"
    )
    return sending.send(mailing=mailing, by=office["person"], confirmed=STUDENTS)


def _die_at_work(relay: Relay, work: Callable[[], object]) -> None:
    """Let a forked worker begin and be killed by its relay."""
    from django.db import connections  # noqa: PLC0415 (as above)

    connections.close_all()
    pid = os.fork()
    if pid == 0:
        relay.sender = os.getpid()
        with suppress(BaseException):
            work()
        os._exit(1)
    relay.sender = pid
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status), "The worker ended before the relay killed it."


def _packet(office: dict[str, Any], *, title: str) -> None:
    from jobs.directory import StudentFilter, directory  # noqa: PLC0415 (as above)
    from packets import planning, requesting  # noqa: PLC0415 (as above)

    planning.PART_DOCUMENTS = 5
    students = directory().students(school_id=office["school"].pk, chosen=StudentFilter())
    request = requesting.PacketRequest.of_form(
        form_key=UUID(int=len(title)), title=title, document_types=["resume"], students=students
    )
    requesting.request_packet(school=office["school"], by=office["person"], request=request)


def _upload(office: dict[str, Any], *, name: str, first: int) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile  # noqa: PLC0415 (as above)

    from uploads.receiving import receive  # noqa: PLC0415 (as above)

    lines = [
        f"{n:05},New{n},Person{n},new{n}@harbour.example,Physics,2028" for n in range(first, first + ROWS)
    ]
    file = SimpleUploadedFile(name, "\n".join([FIRST_LINE, *lines, ""]).encode(), "text/csv")
    return receive(file=file, key=UUID(int=first), school=office["school"], by=office["person"])


def _import(office: dict[str, Any]) -> None:
    from jobs.execution import answer  # noqa: PLC0415 (as above)
    from uploads.importing import begin_import  # noqa: PLC0415 (as above)

    upload = _upload(office, name="imported.csv", first=100)
    while answer(lane="uploads", worker="uploads@old-3"):
        pass
    upload.refresh_from_db()
    assert begin_import(upload=upload, by=office["person"])


def _claim(lane: str, *, worker: str) -> None:
    """Take a part as a worker does that then dies."""
    from django.utils import timezone  # noqa: PLC0415 (as above)

    from jobs.claiming import claim  # noqa: PLC0415 (as above)
    from jobs.settings import switchyard  # noqa: PLC0415 (as above)

    assert claim(lane=switchyard().lanes[lane], worker=worker, now=timezone.now())


def _keep(folder: Path, *, release: str, relay: Relay) -> None:
    import redis  # noqa: PLC0415 (as above)
    from django.conf import settings  # noqa: PLC0415 (as above)
    from django.db import connection  # noqa: PLC0415 (as above)
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415 (as above)
    from django.utils import timezone  # noqa: PLC0415 (as above)

    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    lanes = [lane for lane in settings.SWITCHYARD["lanes"] if broker.type(lane) == b"list"]
    leaves = MigrationLoader(connection).graph.leaf_nodes()
    facts = recording.Facts(
        release=release,
        recorded_at=timezone.now().isoformat(),
        migrations=dict(leaves),
        doorbells={lane: [_without_host(each) for each in broker.lrange(lane, 0, -1)] for lane in lanes},
        delivered=relay.delivered,
    )
    with connection.cursor() as cursor:
        recording.write(folder, cursor.cursor, facts)


def _without_host(doorbell: bytes) -> str:
    """Return the message without the name of the machine on which this runs."""
    return doorbell.decode().replace(f"@{socket.gethostname()}", "@old")


if __name__ == "__main__":
    threading.current_thread().name = "recorder"
    main(sys.argv[1])
