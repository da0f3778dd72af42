"""What schools do in a replay: mailings, packets, uploads, webhooks; each through the call of its page."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from emails.models import Attachment, Mailing
from emails.sending import send
from jobs import webhooks
from jobs.directory import StudentFilter, directory
from jobs.models import Job, Person, StoredFile, WebhookEndpoint
from packets.requesting import PacketRequest, request_packet
from tests.benchmarks.stage.replay.people import Office
from uploads.importing import begin_import
from uploads.models import Upload, UploadState
from uploads.receiving import receive

LOOK_SECONDS = 0.05
BODY = "Dear {{ first_name }},\n\nthe fair opens at nine. Your school {{ school }} looks forward to it.\n" * 4


def mailing(office: Office, *, attached: Sequence[StoredFile] = ()) -> Job:
    """Send a personalised mailing to all students of the school."""
    draft = Mailing.objects.create(
        school=office.school, created_by=office.person, subject="The fair, {{ first_name }}", body=BODY
    )
    Attachment.objects.bulk_create(
        Attachment(mailing=draft, school=office.school, file=file) for file in attached
    )
    return send(mailing=draft, by=office.person, confirmed=None)


def packet(office: Office, *, students: int) -> Job:
    """Build a packet of the school's first students."""
    found = directory().students(school_id=office.school.pk, chosen=StudentFilter())
    chosen = sorted(found, key=lambda student: student.id)[:students]
    request = PacketRequest(
        key=uuid4().hex, title="Packet", document_types=["resume", "transcript"], students=chosen
    )
    return request_packet(school=office.school, by=office.person, request=request)


def upload(office: Office, *, rows: int) -> Upload:
    """Hand in a file of new students."""
    word = uuid4().hex[:10]
    lines = ["number,first name,last name,email,major,graduation year"]
    lines += [f"{word}{n},First{n},Last{n},{word}{n}@up.example,History,2027" for n in range(rows)]
    file = SimpleUploadedFile("students.csv", "\n".join(lines).encode())
    return receive(file=file, key=uuid4(), school=office.school, by=office.person)


def import_checked(office: Office) -> None:
    """Click "import" on the school's uploads that are checked."""
    for found in Upload.objects.filter(school=office.school, state=UploadState.CHECKED):
        begin_import(upload=found, by=office.person)


def endpoint(office: Office, *, port: int) -> WebhookEndpoint:
    """Name the outside's host as the school's webhook."""
    return webhooks.add(school=office.school, url=f"http://127.0.0.1:{port}/hook", by=office.person)


def hook(endpoint: WebhookEndpoint, *, by: Person) -> None:
    """Send a message to the webhook."""
    webhooks.send_test(endpoint, by=by)


class Repeated:
    """Does something again and again from a thread of its own, within a block."""

    def __init__(self, act: Callable[[], object], *, every_seconds: float) -> None:
        """Call `act` so often; what it raises is raised where the block ends."""
        self._act, self._every = act, every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._error: Exception | None = None

    def __enter__(self) -> None:
        """Begin."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Do it no more."""
        self._stopping.set()
        self._thread.join()
        if self._error:
            raise self._error

    def _run(self) -> None:
        due = time.monotonic()
        try:
            while not self._stopping.wait(max(0, due - time.monotonic())):
                self._act()
                due = max(due + self._every, time.monotonic() - self._every)
        except Exception as error:  # noqa: BLE001  (raised again by the one who began it)
            self._error = error
        finally:
            connection.close()


@dataclass(kw_only=True)
class Beside:
    """Packets and uploads that go on beside, each of a school of its own, by turns."""

    packets: Office
    uploads: Office
    students: int
    rows: int
    every_seconds: float
    _turn: Iterator[int] = field(default_factory=count)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Ask for a packet or an upload so often within the block, and import what is checked."""
        with (
            Repeated(self._ask, every_seconds=self.every_seconds),
            Repeated(lambda: import_checked(self.uploads), every_seconds=LOOK_SECONDS),
        ):
            yield

    def _ask(self) -> None:
        if next(self._turn) % 2:
            upload(self.uploads, rows=self.rows)
        else:
            packet(self.packets, students=self.students)
