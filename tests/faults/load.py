"""What is submitted while faults happen: jobs of all kinds, drawn from a seed, each at its time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from django.db import transaction

from jobs.drafting import Request
from jobs.models import Job
from jobs.submission import submit, submit_many
from tests.faults.patience import insist
from tests.faults.people import Office, Offices, ask_for_code
from tests.faults.sisters import SisterLoad, Submission

EFFECT_KINDS = ("faults.threads", "faults.forks")
TINY = 12


@dataclass(kw_only=True)
class Load:
    """Draws submissions and remembers what the platform said yes to."""

    random: Random
    home: str
    """The platform's address, for what goes through pages."""
    offices: Offices
    jobs: list[int] = field(default_factory=list)
    """Ids of the jobs that were submitted."""
    codes: dict[str, int] = field(default_factory=dict)
    """How many codes each address was promised by a page."""
    sisters: SisterLoad = field(init=False)

    def __post_init__(self) -> None:
        """Let the sisters' submissions be remembered here too."""
        self.sisters = SisterLoad(random=self.random, offices=self.offices, kept=self._kept)

    def draw(self, *, scale: int, seconds: float) -> list[tuple[float, Submission]]:
        """Return submissions with the seconds after which they are made; about 400 parts for each `scale`."""
        counts: dict[Callable[[int], Submission], int] = {
            self.effects: 24 * scale,
            self.tiny: 5 * scale,
            self.code: 10 * scale,
            self.sisters.mailing: 5 * scale,
            self.sisters.test_mail: 3 * scale,
            self.sisters.packet: 1 + scale,
            self.sisters.upload: 2 * scale,
        }
        drawn = [
            (self.random.uniform(0, seconds), make(number))
            for make, count in counts.items()
            for number in range(count)
        ]
        large = (self.random.uniform(0.1, 0.3) * seconds, self.sisters.large_mailing(len(drawn)))
        return sorted([*drawn, large], key=lambda made: made[0])

    def _kept(self, call: Callable[[], Job]) -> None:
        self.jobs.append(insist(call).pk)

    def effects(self, number: int) -> Submission:
        """Return a job that acts outside; some parts fail, some jobs follow another."""
        random, office = self.random, self.random.choice(self.offices.all)
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
                    after=_to_follow(office) if follows else [],
                )

        return lambda: self._kept(call)

    def tiny(self, number: int) -> Submission:
        """Return a few jobs of one part that does nothing, submitted in one go."""
        office = self.random.choice([self.offices.silent, self.random.choice(self.offices.mailing)])

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

    def code(self, number: int) -> Submission:
        """Return a sign-in through the web page: only what the page promised must be kept."""
        everyone = self.offices.all
        email = everyone[number % len(everyone)].person.email

        def act() -> None:
            if ask_for_code(home=self.home, email=email):
                self.codes[email] = self.codes.get(email, 0) + 1

        return act


def _to_follow(office: Office) -> list[Job]:
    ours = Job.objects.filter(school=office.school, kind__in=EFFECT_KINDS, ended_at=None)
    return list(ours.order_by("-pk")[:1])
