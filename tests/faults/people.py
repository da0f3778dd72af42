"""The schools of a fault run: their people and students, and browsers that sign in."""

import re
from dataclasses import dataclass
from random import Random
from uuid import UUID

import requests
from switchyard.demo.logins import PASSWORD

from jobs.models import Person, School
from uploads.models import Student

SCHOOLS = 4
"""The last one's students come and go with uploads; the others send mailings."""
STUDENTS = 60
WAIT_SECONDS = 20
LANDED = "/sign-in/code/"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A school and the person who works for it."""

    school: School
    person: Person


def make_offices() -> list[Office]:
    """Make the schools with their students."""
    return [_make_office(number) for number in range(SCHOOLS)]


def _make_office(number: int) -> Office:
    school = School.objects.create(name=f"Fault School {number}", slug=f"fault-{number}", weight=number + 1)
    person = Person.objects.create_user(
        email=f"staff@fault-{number}.example", password=PASSWORD, name=f"Staff {number}", school=school
    )
    Student.objects.bulk_create(
        Student(
            school=school,
            number=f"{place:05}",
            first_name=f"First{place}",
            last_name=f"Last{place}",
            email=f"student{place}@fault-{number}.example",
            major="History" if place % 2 else "Physics",
        )
        for place in range(STUDENTS)
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
