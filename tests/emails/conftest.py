"""A relay that behaves or misbehaves, a school, and a directory of students."""

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from unicodedata import normalize

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from pytest_django.fixtures import Settings

from emails import noting, sending
from emails.models import Mailing
from emails.smtp.pool import pool
from emails.smtp.spool import Spool
from emails.smtp.tails import Enclosed
from jobs import directory
from jobs.directory import Document, Student, StudentFilter, Vacancy
from jobs.models import Job, Person, School
from jobs.testing import make_person, make_school
from tests.emails.catcher import Catcher
from tests.emails.certificates import write_certificate
from tests.emails.people import SITE, A, B, C, Sent, attach
from tests.emails.provider_fake import FAKES, FakeProvider, served
from tests.emails.steps import StepRelay


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def relay(settings: Settings) -> Iterator[Catcher]:
    """A real SMTP server that catches what it accepts."""
    catcher = Catcher()
    controller = Controller(catcher, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_TIMEOUT = 5
    try:
        yield catcher
    finally:
        pool.close()
        controller.stop()


@pytest.fixture
def steps() -> Iterator[StepRelay]:
    """A relay that does at each step what the test says."""
    with closing(StepRelay()) as relay:
        yield relay
        pool.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the key and the certificate of 127.0.0.1, which vouches for itself."""
    written = tmp_path_factory.mktemp("authority") / "relay.pem"
    return write_certificate(written, start=datetime(2020, 1, 1, tzinfo=UTC), days=36500)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """An empty spool of 100 MB."""
    return Spool(folder=tmp_path / "spool", budget_bytes=100 << 20)


@pytest.fixture
def enclosed() -> Callable[..., Enclosed]:
    """Return a file to be attached, made of its content."""

    def enclose(content: bytes, *, name: str = "map.pdf", media_type: str = "application/pdf") -> Enclosed:
        digest = hashlib.sha256(content).hexdigest()
        return Enclosed(
            sha256=digest,
            size=len(content),
            name=name,
            media_type=media_type,
            open=lambda: io.BytesIO(content),
        )

    return enclose


@pytest.fixture
def no_relay(settings: Settings) -> None:
    """A port where nobody listens."""
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()


@pytest.fixture
def cutting_relay(settings: Settings) -> Iterator[None]:
    """A relay that closes the connection in the middle of the mail's data."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()[:2]
        settings.EMAIL_TIMEOUT = 5
        thread = threading.Thread(target=_cut_the_data, args=(server,), daemon=True)
        thread.start()
        yield
        server.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=5)
    assert not thread.is_alive()


def _cut_the_data(server: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as lines:
                connection.sendall(b"220 ready\r\n")
                _talk_up_to_the_data(connection, lines)


def _talk_up_to_the_data(connection: socket.socket, lines: BinaryIO) -> None:
    for line in lines:
        if line.startswith(b"DATA"):
            connection.sendall(b"354 go ahead\r\n")
            lines.read(1 << 10)
            # Closing with data unread resets the connection.
            return
        connection.sendall(b"250 OK\r\n")


class FixedDirectory:
    """A directory of students kept in a list."""

    def __init__(self) -> None:
        """Know nobody."""
        self.by_school: dict[int, list[Student]] = {}

    def add(self, school: School, *emails: str, **given: Any) -> list[Student]:
        """Add a student for each address."""
        kept = self.by_school.setdefault(school.pk, [])
        added = [
            Student(
                id=school.pk * 10_000 + len(kept) + number,
                number=f"{number:05d}",
                first_name=given.get("first_name", email.partition("@")[0].title()),
                last_name=given.get("last_name", "Öz"),
                email=email,
                major=given.get("major", "Economics"),
                graduation_year=given.get("graduation_year", 2027),
            )
            for number, email in enumerate(emails)
        ]
        kept.extend(added)
        return added

    def students(self, *, school_id: int, chosen: StudentFilter) -> list[Student]:
        return [
            student
            for student in self.by_school.get(school_id, [])
            if chosen.major in {"", student.major}
            and chosen.graduation_year in {None, student.graduation_year}
            and chosen.search.lower() in f"{student.name} {student.email}".lower()
        ]

    def students_by_id(self, *, school_id: int, ids: Iterable[int]) -> dict[int, Student]:
        wanted = set(ids)
        return {student.id: student for student in self.by_school.get(school_id, []) if student.id in wanted}

    def students_by_number(self, *, school_id: int, numbers: Iterable[str]) -> dict[str, Student]:
        found = {student.number: student for student in self.by_school.get(school_id, [])}
        return {number: found[number] for number in numbers if number in found}

    def students_by_number_in_any_case(self, *, school_id: int, numbers: Iterable[str]) -> list[Student]:
        wanted = {number.lower() for number in numbers}
        found = self.students(school_id=school_id, chosen=StudentFilter())
        return [student for student in found if normalize("NFC", student.number).lower() in wanted]

    def documents(self, **_: Any) -> list[Document]:
        return []

    def releases(self, **_: object) -> dict[tuple[int, str], bool]:
        return {}

    def majors(self, *, school_id: int) -> list[str]:
        return sorted({student.major for student in self.by_school.get(school_id, [])})

    def graduation_years(self, *, school_id: int) -> list[int]:
        years = {student.graduation_year for student in self.by_school.get(school_id, [])}
        return sorted(year for year in years if year)

    def vacancies(self, **_: object) -> list[Vacancy]:
        return []


@pytest.fixture
def students(monkeypatch: pytest.MonkeyPatch) -> FixedDirectory:
    """The directory that the platform asks, empty."""
    fixed = FixedDirectory()
    monkeypatch.setattr(directory, "_offered", [fixed])
    return fixed


@pytest.fixture(autouse=True)
def files_below_tmp_path(settings: Settings, tmp_path: Path) -> None:
    """Keep stored files out of var/."""
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def _no_relay_heard() -> Iterator[None]:
    """Begin without what other tests have heard from relays, and leave nothing."""
    noting.notes.forget()
    yield
    noting.notes.forget()


@pytest.fixture
def school(db: None) -> School:
    return make_school(name="Northfield University")


@pytest.fixture
def author(school: School) -> Person:
    return make_person(school=school, email="sam@northfield.example")


@pytest.fixture
def staff(client: Client, author: Person, school: School, students: FixedDirectory) -> Client:
    """A browser of the author, whose school has three students."""
    students.add(school, "ana@x.example", "bea@x.example", "cem@x.example")
    client.force_login(author)
    return client


@pytest.fixture
def draft(school: School, author: Person) -> Mailing:
    return Mailing.objects.create(
        school=school, created_by=author, subject="Fair", body="Hi {{ first_name }}"
    )


@pytest.fixture
def sent(school: School, author: Person, students: Any) -> Sent:
    """Submit a mailing to these addresses."""

    def send(
        *addresses: str, subject: str = "Fair", body: str = "Hi {{ first_name }}", **contents: bytes
    ) -> Job:
        students.add(school, *(addresses or (A, B, C)))
        mailing = Mailing.objects.create(school=school, created_by=author, subject=subject, body=body)
        for name, content in contents.items():
            attach(mailing, content, name=f"{name}.pdf")
        return sending.send(mailing=mailing, by=author, confirmed=None)

    return send


@pytest.fixture(params=FAKES)
def name(request: pytest.FixtureRequest) -> str:
    """Each of the mail providers, unless a test names one."""
    return str(request.param)


@pytest.fixture
def site(settings: Settings) -> str:
    """The address of the platform, known to it: mails have links."""
    settings.SITE_URL = SITE
    return SITE


@pytest.fixture
def provider(name: str, settings: Settings, site: str) -> Iterator[FakeProvider]:
    """The API of that provider on a free port; all mailings go there."""
    settings.MAIL = {**settings.MAIL, "verdict_seconds": 10}
    with served(FAKES[name]()) as (fake, url):
        settings.MAIL_PROVIDER = {"name": name, "key": "secret-key", "url": url, "domain": "mg.example"}
        yield fake
