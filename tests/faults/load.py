"""What is submitted while faults happen: jobs of all kinds, drawn from a seed, each at its time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from emails import sending
from emails.models import Mailing
from jobs.directory import StudentFilter, directory
from jobs.models import Job
from jobs.submission import Request, submit, submit_many
from packets.requesting import PacketRequest, request_packet
from tests.faults.patience import insist
from tests.faults.people import Office, ask_for_code, demo_office, draw_key, make_offices
from uploads.importing import begin_import
from uploads.models import Upload, UploadState
from uploads.receiving import receive

EFFECT_KINDS = ("faults.threads", "faults.forks")
TINY = 5
ROWS = 300
PACKET_STUDENTS = 20

Submission = Callable[[], object]


@dataclass
class Load:
    """Draws submissions and remembers what the platform said yes to."""

    random: Random
    home: str
    """The platform's address, for what goes through pages."""
    offices: list[Office] = field(default_factory=make_offices)
    demo: Office = field(default_factory=demo_office)
    jobs: list[int] = field(default_factory=list)
    """Ids of the jobs that were submitted."""
    codes: dict[str, int] = field(default_factory=dict)
    """How many codes each address was promised by a page."""
    uploads: list[int] = field(default_factory=list)

    def draw(self, *, scale: int, seconds: float) -> list[tuple[float, Submission]]:
        """Return submissions with the seconds after which they are made; about 300 parts for each `scale`."""
        counts: dict[Callable[[int], Submission], int] = {
            self.effects: 24 * scale,
            self.tiny: 10 * scale,
            self.mailing: 5 * scale,
            self.test_mail: 3 * scale,
            self.code: 4 * scale,
            self.packet: 1 + scale,
            self.upload: 2 * scale,
        }
        return sorted(
            (
                (self.random.uniform(0, seconds), make(number))
                for make, count in counts.items()
                for number in range(count)
            ),
            key=lambda made: made[0],
        )

    def _kept(self, call: Callable[[], Job]) -> None:
        self.jobs.append(insist(call).pk)

    def effects(self, number: int) -> Submission:
        """Return a job that acts outside; some parts fail, some jobs follow another."""
        random, office = self.random, self.random.choice(self.offices)
        parts = [random.randint(2, 6) for _ in range(random.randint(2, 8))]
        arguments = {
            "parts": parts,
            "pause": round(random.uniform(0.02, 0.2), 3),
            "puts_off": [place for place in range(len(parts)) if random.random() < 0.1],
            "refuses": [place for place in range(len(parts)) if random.random() < 0.03],
        }
        kind, priority, follows = random.choice(EFFECT_KINDS), random.randint(-1, 1), random.random() < 0.15

        def call() -> Job:
            with transaction.atomic():
                return submit(
                    kind=kind,
                    school=office.school,
                    by=office.person,
                    arguments=arguments,
                    key=f"effects-{number}",
                    priority=priority,
                    after=self._to_follow(office) if follows else [],
                )

        return lambda: self._kept(call)

    def _to_follow(self, office: Office) -> list[Job]:
        newest = Job.objects.filter(school=office.school, kind__in=EFFECT_KINDS, ended_at=None).order_by(
            "-pk"
        )
        return list(newest[:1])

    def tiny(self, number: int) -> Submission:
        """Return a few jobs of one part that does nothing, submitted in one go."""
        office = self.random.choice(self.offices)

        def call() -> list[Job]:
            with transaction.atomic():
                return submit_many(
                    [
                        Request(
                            kind="faults.nothing",
                            school=office.school,
                            by=office.person,
                            arguments={},
                            key=f"tiny-{number}-{place}",
                        )
                        for place in range(TINY)
                    ]
                )

        return lambda: self.jobs.extend(job.pk for job in insist(call))

    def _draft(self, office: Office, *, number: int) -> Mailing:
        return Mailing.objects.create(
            school=office.school,
            subject=f"Mailing {number}",
            body="Dear {first_name},\nthe fair is on.",
            major=self.random.choice(["", "History", "Physics"]),
            created_by=office.person,
        )

    def mailing(self, number: int) -> Submission:
        """Return a mailing to the students of a school."""
        office = self.random.choice(self.offices[:-1])

        def act() -> None:
            draft = insist(lambda: self._draft(office, number=number))
            count = insist(lambda: len(sending.recipients_of(draft)))
            self._kept(lambda: sending.send(mailing=draft, by=office.person, confirmed=count))

        return act

    def test_mail(self, number: int) -> Submission:
        """Return a test mail of a draft."""
        office = self.random.choice(self.offices[:-1])

        def act() -> None:
            draft = insist(lambda: self._draft(office, number=1000 + number))
            self._kept(lambda: sending.send_test(mailing=draft, by=office.person, key=str(number)))

        return act

    def code(self, number: int) -> Submission:
        """Return a sign-in through the web page: only what the page promised must be kept."""
        email = self.offices[number % len(self.offices)].person.email

        def act() -> None:
            if ask_for_code(home=self.home, email=email):
                self.codes[email] = self.codes.get(email, 0) + 1

        return act

    def packet(self, number: int) -> Submission:
        """Return a packet of demo students."""
        key, first = draw_key(self.random), self.random.randint(0, 40)

        def call() -> Job:
            school = self.demo.school
            students = directory().students(school_id=school.pk, chosen=StudentFilter())
            request = PacketRequest.of_form(
                form_key=key,
                title=f"Packet {number}",
                document_types=["resume", "transcript"],
                students=students[first : first + PACKET_STUDENTS],
            )
            return request_packet(school=school, by=self.demo.person, request=request)

        return lambda: self._kept(call)

    def upload(self, number: int) -> Submission:
        """Return a data file of students for the demo's other school; its import follows its check."""
        key, office = draw_key(self.random), self.offices[-1]
        rows = "".join(
            f"U{number:03}{place:04},First,Last,u{number}-{place}@fault.example,Art,2030\n"
            for place in range(ROWS)
        )
        content = f"Student ID,First Name,Last Name,Email,Major,Class Year\n{rows}".encode()

        def call() -> Upload:
            file = SimpleUploadedFile("students.csv", content, "text/csv")
            return receive(file=file, key=key, school=office.school, by=office.person)

        return lambda: self.uploads.append(insist(call).pk)

    def import_checked(self) -> int:
        """Begin the import of uploads whose check is done, as a person would by a click; return how many."""
        checked = insist(lambda: list(Upload.objects.filter(pk__in=self.uploads, state=UploadState.CHECKED)))
        begin = partial(begin_import, by=self.offices[-1].person)
        return sum(insist(partial(begin, upload=upload)) for upload in checked)
