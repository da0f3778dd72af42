"""What people of the schools ask of the sisters while faults happen: mailings, packets and uploads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.utils import timezone

from emails import reaching, sending
from emails.models import Mailing
from jobs.directory import StudentFilter, directory
from jobs.models import Job
from packets.mailing import mail_packet
from packets.models import Packet
from packets.requesting import PacketRequest, request_packet
from packets.sharing import Recipient, Terms
from tests.faults.data_files import DataFile, draw_file
from tests.faults.patience import insist
from tests.faults.people import Office, Offices, draw_key
from uploads.importing import begin_import
from uploads.models import Upload, UploadState
from uploads.receiving import receive

PACKET_STUDENTS = 20
EMPLOYERS = 2
"""Each packet is mailed to so many."""

Submission = Callable[[], object]


@dataclass(kw_only=True)
class SisterLoad:
    """Draws submissions to emails, packets and uploads."""

    random: Random
    offices: Offices
    kept: Callable[[Callable[[], Job]], None]
    """Makes a submission and remembers its job."""
    uploads: dict[int, DataFile] = field(default_factory=dict)
    """The files that were taken, by the id of their upload."""
    mailed: set[int] = field(default_factory=set)
    """Ids of the packets that were mailed."""

    def mailing(self, number: int) -> Submission:
        """Return a mailing to the students of a school."""
        office = self.random.choice(self.offices.mailing)
        return partial(self._send, office, number=number, major=self._draw_major())

    def large_mailing(self, number: int) -> Submission:
        """Return the mailing to all students of the large school."""
        return partial(self._send, self.offices.large, number=number, major="")

    def test_mail(self, number: int) -> Submission:
        """Return a test mail of a draft."""
        office, major = self.random.choice(self.offices.mailing), self._draw_major()

        def act() -> None:
            draft = insist(lambda: _draft(office, number=1000 + number, major=major))
            self.kept(lambda: sending.send_test(mailing=draft, by=office.person, key=str(number)))

        return act

    def packet(self, number: int) -> Submission:
        """Return a packet of demo students."""
        key, first = draw_key(self.random), self.random.randint(0, 60)

        def call() -> Job:
            school = self.offices.demo.school
            students = directory().students(school_id=school.pk, chosen=StudentFilter())
            request = PacketRequest.of_form(
                form_key=key,
                title=f"Packet {number}",
                document_types=["resume", "transcript"],
                students=students[first : first + PACKET_STUDENTS],
            )
            return request_packet(school=school, by=self.offices.demo.person, request=request)

        return lambda: self.kept(call)

    def upload(self, number: int) -> Submission:
        """Return a data file of students; its import follows its check."""
        key, office, drawn = (
            draw_key(self.random),
            self.offices.uploading,
            draw_file(number, random=self.random),
        )

        def call() -> Upload:
            file = SimpleUploadedFile("students.csv", drawn.content, "text/csv")
            return receive(file=file, key=key, school=office.school, by=office.person)

        def act() -> None:
            self.uploads[insist(call).pk] = drawn

        return act

    def go_on(self) -> int:
        """Do what a person would with what is ready by now; return how many jobs were begun."""
        return self.import_checked() + self.mail_built()

    def mail_built(self) -> int:
        """Mail packets that are built, each once, to employers of their own; return how many."""
        built = Packet.objects.filter(school=self.offices.demo.school, built=F("edition"))
        waiting = built.select_related("school").exclude(pk__in=self.mailed)
        packets = insist(lambda: list(waiting))
        for packet in packets:
            self.kept(partial(self._mail, packet))
            self.mailed.add(packet.pk)
        return len(packets)

    def _mail(self, packet: Packet) -> Job:
        names = [f"employer-{packet.pk}-{place}" for place in range(EMPLOYERS)]
        now = timezone.now()
        return mail_packet(
            packet,
            [Recipient(name=name, email=f"{name}@employers.example") for name in names],
            terms=Terms(form_key=UUID(int=packet.pk), expires_at=now + timedelta(days=1)),
            attaches=True,
            message="",
            by=self.offices.demo.person,
            now=now,
        )

    def import_checked(self) -> int:
        """Begin the import of uploads whose check is done, as a person would by a click; return how many."""
        uploads = Upload.objects.filter(pk__in=list(self.uploads), state=UploadState.CHECKED)
        begin = partial(begin_import, by=self.offices.uploading.person)
        return sum(insist(partial(begin, upload=upload)) for upload in insist(lambda: list(uploads)))

    def _draw_major(self) -> str:
        return self.random.choice(["", "History", "Physics"])

    def _send(self, office: Office, *, number: int, major: str) -> None:
        draft = insist(lambda: _draft(office, number=number, major=major))
        count = insist(lambda: len(reaching.recipients_of(draft)))
        self.kept(lambda: sending.send(mailing=draft, by=office.person, confirmed=count))


def _draft(office: Office, *, number: int, major: str) -> Mailing:
    return Mailing.objects.create(
        school=office.school,
        subject=f"Mailing {number}",
        body="Dear {{ first_name }},\nthe fair is on.",
        major=major,
        created_by=office.person,
    )
