"""Making up the demo's students: the same ones at every load."""

import json
import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).with_name("content.json")
THIS_YEAR = 2026
"""The year of the last term on a transcript."""
GRADUATION_YEARS = range(2026, 2031)


@dataclass(frozen=True, kw_only=True)
class DemoStudent:
    """One student as the record and the documents show them."""

    number: str
    first_name: str
    last_name: str
    email: str
    major: str
    graduation_year: int

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def slug(self) -> str:
        """The name as it stands in an address or a file name: `maya-o-brien`."""
        plain = (
            unicodedata.normalize("NFKD", self.name.lower().replace("ø", "o"))
            .encode("ascii", "ignore")
            .decode()
        )
        return "-".join("".join(sign if sign.isalnum() else " " for sign in plain).split())


@cache
def content() -> dict[str, Any]:
    """Return the words that students and documents are made of."""
    made: dict[str, Any] = json.loads(CONTENT.read_text(encoding="utf-8"))
    return made


def make_students(*, school: dict[str, Any]) -> list[DemoStudent]:
    """Return the students of a school of `content()`, each with a name of their own."""
    chance = random.Random(f"students {school['slug']}")  # noqa: S311  the demo must be the same each time
    names = [(first, last) for first in content()["first_names"] for last in content()["last_names"]]
    numbers = _numbers(school, chance)
    return [
        _student(school, number=number, first=first, last=last, chance=chance)
        for number, (first, last) in zip(numbers, chance.sample(names, school["students"]), strict=True)
    ]


def _numbers(school: dict[str, Any], chance: random.Random) -> list[str]:
    number = school["first_number"]
    numbers = []
    for _ in range(school["students"]):
        numbers.append(school["number"].format(number))
        number += chance.randint(1, 23)
    return numbers


def _student(
    school: dict[str, Any], *, number: str, first: str, last: str, chance: random.Random
) -> DemoStudent:
    student = DemoStudent(
        number=number,
        first_name=first,
        last_name=last,
        email="",
        major=chance.choice(school["majors"]),
        graduation_year=chance.choice(GRADUATION_YEARS),
    )
    address = f"{student.slug.replace('-', '.')}@students.{school['domain']}"
    return DemoStudent(**{**student.__dict__, "email": address})
