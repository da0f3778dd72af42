"""Making up the demo's vacancies and who applied to them: the same ones at every load."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from switchyard.demo.students import THIS_YEAR, DemoStudent, content

VACANCIES = 24
"""Of each school."""
FIRST_NUMBER = 2041
APPLICANTS = (3, 14)
"""The fewest and the most of a vacancy."""
STATUSES = {
    "applied": 8,
    "reviewing": 4,
    "interview": 3,
    "offered": 1,
    "hired": 1,
    "rejected": 4,
    "withdrawn": 1,
}
"""How often each occurs."""


@dataclass(frozen=True, kw_only=True)
class DemoVacancy:
    """One vacancy and who applied to it."""

    number: str
    title: str
    employer: str
    closes_on: date
    applications: list[tuple[DemoStudent, str, date]]
    """The student, how far it came, and when they applied."""


def make_vacancies(students: list[DemoStudent], *, school: dict[str, Any]) -> list[DemoVacancy]:
    """Return the vacancies of a school of `content()`; students apply to those of their major."""
    chance = random.Random(f"vacancies {school['slug']}")  # noqa: S311  the same each time
    return [
        _vacancy(students, number=f"V-{FIRST_NUMBER + place}", school=school, chance=chance)
        for place in range(VACANCIES)
    ]


def _vacancy(
    students: list[DemoStudent], *, number: str, school: dict[str, Any], chance: random.Random
) -> DemoVacancy:
    major = chance.choice(school["majors"])
    of_major = [student for student in students if student.major == major]
    applicants = chance.sample(of_major, min(chance.randint(*APPLICANTS), len(of_major)))
    closes_on = date(THIS_YEAR, 9, 1) + timedelta(days=chance.randint(0, 90))
    statuses = chance.choices(list(STATUSES), list(STATUSES.values()), k=len(applicants))
    days = [closes_on - timedelta(days=chance.randint(0, 40)) for _ in applicants]
    return DemoVacancy(
        number=number,
        title=chance.choice(content()["majors"][major]["roles"]),
        employer=chance.choice(school["employers"])[0],
        closes_on=closes_on,
        applications=list(zip(applicants, statuses, days, strict=True)),
    )
