"""The dataset of students."""

from django.utils.translation import gettext_noop

from uploads.cells import Choice, Email, Text, Year
from uploads.datasets.declaring import Column, Dataset, Person, Unique
from uploads.models import EARLIEST_YEAR, LATEST_YEAR, Student

SAID: dict[str, tuple[str, ...]] = {
    "yes": ("yes", "y", "true", "released", "release", "consent"),
    "no": ("no", "n", "false", "refused", "refuse", "not released"),
}


def _release(name: str, heading: str, *synonyms: str, tells: str) -> Column:
    return Column(
        name=name,
        heading=heading,
        synonyms=synonyms,
        cell=Choice(values=SAID),
        is_required=False,
        blank="unchanged",
        help=tells,
        example="yes",
    )


STUDENTS = Dataset(
    name="students",
    label=gettext_noop("students"),
    one=gettext_noop("student"),
    model=Student,
    key=("number",),
    unique=(Unique(columns=("email",), ignores_case=True),),
    person=Person(names=("first_name", "last_name"), address="email"),
    title=("first_name", "last_name"),
    help=gettext_noop(
        "New students are added, known ones are brought up to date by their student number, "
        "nobody is deleted."
    ),
    samples="students.csv",
    columns=(
        Column(
            name="number",
            heading="student number",
            synonyms=(
                *("number", "student id", "student no", "id number", "sid"),
                *("matriculation number", "university id", "emplid"),
            ),
            cell=Text(longest=40),
            help=gettext_noop("The school's own number of the student. Zeros at the start are kept."),
            example="00412150",
        ),
        Column(
            name="first_name",
            heading="first name",
            synonyms=("given name", "forename"),
            cell=Text(longest=100),
            example="Maya",
        ),
        Column(
            name="last_name",
            heading="last name",
            synonyms=("surname", "family name"),
            cell=Text(longest=100),
            example="Lee",
        ),
        Column(
            name="email",
            heading="email",
            synonyms=("e-mail address", "mail", "student email"),
            cell=Email(),
            example="maya.lee@school.edu",
        ),
        Column(
            name="major",
            heading="major",
            synonyms=(
                *("field of study", "program", "programme", "degree program"),
                *("program of study", "programme of study", "academic plan"),
            ),
            cell=Text(longest=120),
            is_required=False,
            example="Nursing",
        ),
        Column(
            name="graduation_year",
            heading="graduation year",
            synonyms=("class year", "class of", "grad year", "year of graduation", "expected graduation"),
            cell=Year(least=EARLIEST_YEAR, most=LATEST_YEAR),
            is_required=False,
            example="2027",
        ),
        _release(
            "resume_release",
            "release resume",
            *("resume release", "résumé release", "release résumé"),
            tells=gettext_noop("Whether the student lets employers have their resume in packets."),
        ),
        _release(
            "transcript_release",
            "release transcript",
            "transcript release",
            tells=gettext_noop("Whether the student lets employers have their transcript in packets."),
        ),
    ),
)
