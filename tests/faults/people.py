"""The schools of a fault run: their people, students and webhooks, and browsers that sign in."""

import re
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

import requests
from switchyard.demo.logins import PASSWORD

from jobs import webhooks
from jobs.models import Person, School, WebhookEndpoint
from tests.faults.receiver import Receiver
from uploads.models import Student

SCHOOLS = 3
STUDENTS = 60
WAIT_SECONDS = 20
LANDED = "/sign-in/code/"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A school and the person who works for it."""

    school: School
    person: Person


@dataclass(kw_only=True)
class Offices:
    """All of them, by what they do."""

    large_students: int
    """How many students the large school has."""
    mailing: list[Office] = field(init=False)
    """They send mailings."""
    large: Office = field(init=False)
    """It sends a mailing to very many."""
    uploading: Office = field(init=False)
    """Its students come and go with uploads."""
    silent: Office = field(init=False)
    """It has no webhook, so its tiny jobs end together."""
    demo: Office = field(init=False)
    """Its students have documents."""

    def __post_init__(self) -> None:
        """Make the schools."""
        self.mailing = [_make_office(f"fault-{number}", weight=number + 1) for number in range(SCHOOLS)]
        self.large = _make_office("fault-large", students=self.large_students)
        self.uploading = _make_office("fault-uploads")
        self.silent = _make_office("fault-silent")
        self.demo = demo_office()

    @property
    def all(self) -> list[Office]:
        """Each of them."""
        return [*self.mailing, self.large, self.uploading, self.silent, self.demo]

    def listen(self, receiver: Receiver) -> None:
        """Let each school but the silent one tell `receiver` when its jobs end; the first tells it twice."""
        paths = [(office, f"/{office.school.slug}") for office in self.all if office is not self.silent]
        for office, path in [*paths, (self.mailing[0], "/again")]:
            endpoint = webhooks.add(school=office.school, url=receiver.url(path), by=office.person)
            receiver.secrets[path] = endpoint.secret


def path_of(endpoint: WebhookEndpoint) -> str:
    """Return the path by which the receiver knows the webhook."""
    return f"/{endpoint.url.rpartition('/')[2]}"


def _make_office(slug: str, *, weight: int = 1, students: int = STUDENTS) -> Office:
    school = School.objects.create(name=slug.title(), slug=slug, weight=weight)
    person = Person.objects.create_user(
        email=f"staff@{slug}.example", password=PASSWORD, name=f"Staff of {slug}", school=school
    )
    Student.objects.bulk_create(
        Student(
            school=school,
            number=f"{place:05}",
            first_name=f"First{place}",
            last_name=f"Last{place}",
            email=f"student{place}@{slug}.example",
            major="History" if place % 2 else "Physics",
        )
        for place in range(students)
    )
    return Office(school=school, person=person)


def demo_office() -> Office:
    """Return the demo's school, whose students have documents."""
    person = Person.objects.select_related("school").get(email="staff@northfield.example")
    return Office(school=person.school, person=person)


def probe_school() -> School:
    """Return the school that only finds out whether lanes work."""
    return School.objects.get_or_create(slug="probes", defaults={"name": "Probes"})[0]


def ask_for_code(*, home: str, email: str) -> bool:
    """Sign in by password; return whether the platform said that the code is on its way."""
    with requests.Session() as session:
        try:
            page = session.get(f"{home}/sign-in/", timeout=WAIT_SECONDS)
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
            if token is None:
                return False
            sent = {"email": email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
            answer = session.post(f"{home}/sign-in/", sent, timeout=WAIT_SECONDS, allow_redirects=False)
        except requests.RequestException:
            return False
        return answer.headers.get("Location") == LANDED


def draw_key(random: Random) -> UUID:
    """Return a form's key."""
    return UUID(int=random.getrandbits(128), version=4)
