"""The dataset of outcomes: where students went first after they graduated."""

from django.utils.translation import gettext_noop

from uploads.cells import Choice, Date, Decimal, Reference, Text
from uploads.datasets.declaring import Column, Dataset
from uploads.models import Outcome

OUTCOMES = Dataset(
    name="outcomes",
    label=gettext_noop("outcomes"),
    one=gettext_noop("outcome"),
    model=Outcome,
    key=("student",),
    help=gettext_noop(
        "Where students went first after graduation. Each student has one outcome, which a later file brings "
        "up to date; an empty cell changes nothing. The students must be known already."
    ),
    columns=(
        Column(
            name="student",
            heading="student number",
            synonyms=("student", "student id", "student no", "id number", "sid", "number"),
            cell=Reference(longest=40, dataset="students", one=gettext_noop("student")),
            example="00412150",
        ),
        Column(
            name="status",
            heading="status",
            synonyms=("outcome", "destination", "first destination"),
            cell=Choice(
                values={
                    "employed": ("employed", "working", "employment"),
                    "studying": ("further study", "graduate school", "continuing education"),
                    "serving": ("service", "military", "volunteer", "military service", "volunteer service"),
                    "seeking": ("still seeking", "still looking", "looking"),
                    "not-seeking": ("not seeking", "not looking"),
                }
            ),
            example="employed",
        ),
        Column(
            name="employer_name",
            heading="employer",
            synonyms=("employer name", "company", "organization", "organisation"),
            cell=Text(longest=200),
            is_required=False,
            blank="unchanged",
            example="Harbor Health",
        ),
        Column(
            name="title",
            heading="title",
            synonyms=("job title", "position"),
            cell=Text(longest=200),
            is_required=False,
            blank="unchanged",
            example="Staff nurse",
        ),
        Column(
            name="city",
            heading="city",
            synonyms=("location", "place"),
            cell=Text(longest=100),
            is_required=False,
            blank="unchanged",
            example="Northfield",
        ),
        Column(
            name="started_on",
            heading="start date",
            synonyms=("started on", "starting date", "started"),
            cell=Date(),
            is_required=False,
            blank="unchanged",
            example="2027-09-01",
        ),
        Column(
            name="salary",
            heading="salary",
            synonyms=("annual salary", "pay"),
            cell=Decimal(may_be_negative=False),
            is_required=False,
            blank="unchanged",
            example="52000",
        ),
    ),
)
