"""The columns of a file of students: their headings, other words for them, and what may stand in them."""

from dataclasses import dataclass

from uploads.models import EARLIEST_YEAR, LATEST_YEAR

PROBLEM_HEADING = "problem"
"""The heading of the column that an error file adds; a file that has it is read without it."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that we read."""

    name: str
    """The field of `uploads.models.Student`."""
    heading: str
    """Its heading in the template file."""
    synonyms: tuple[str, ...]
    """Other headings that mean it; case, spaces and signs do not matter."""
    longest: int
    """Characters."""
    is_required: bool = True
    rule: str
    """What may stand in it, for the person."""


COLUMNS = (
    Column(
        name="number",
        heading="student number",
        synonyms=("number", "student id", "student no", "id number", "sid"),
        longest=40,
        rule="The school's own number of the student, up to 40 characters. Zeros at the start are kept.",
    ),
    Column(
        name="first_name",
        heading="first name",
        synonyms=("given name", "forename"),
        longest=100,
        rule="Up to 100 characters.",
    ),
    Column(
        name="last_name",
        heading="last name",
        synonyms=("surname", "family name"),
        longest=100,
        rule="Up to 100 characters.",
    ),
    Column(
        name="email",
        heading="email",
        synonyms=("e-mail address", "mail", "student email"),
        longest=254,
        rule="An address such as maya.lee@school.edu; each address once in the file.",
    ),
    Column(
        name="major",
        heading="major",
        synonyms=("field of study", "program", "programme", "degree program"),
        longest=120,
        is_required=False,
        rule="Up to 120 characters, or empty.",
    ),
    Column(
        name="graduation_year",
        heading="graduation year",
        synonyms=("class year", "class of", "grad year", "year of graduation"),
        longest=4,
        is_required=False,
        rule=f"A year from {EARLIEST_YEAR} to {LATEST_YEAR}, or empty.",
    ),
)


def plain(heading: str) -> str:
    """Return the heading without case, spaces and signs: `E-Mail_Address` and `email address` are one."""
    return "".join(sign for sign in heading.casefold() if sign.isalnum())


BY_HEADING = {
    plain(heading): column
    for column in COLUMNS
    for heading in (column.heading, column.name, *column.synonyms)
}
