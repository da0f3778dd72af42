"""The dataset of vacancies: the jobs that employers offer."""

from django.utils.translation import gettext_noop

from uploads.cells import Choice, Date, Decimal, Reference, Text, Url
from uploads.datasets.declaring import Column, Dataset
from uploads.models import Vacancy

VACANCIES = Dataset(
    name="vacancies",
    label=gettext_noop("vacancies"),
    one=gettext_noop("vacancy"),
    model=Vacancy,
    key=("number",),
    title=("title",),
    help=gettext_noop(
        "The jobs that employers offer. New ones are added, known ones are brought up to date by their "
        "number, none is deleted. Their employers must be known already."
    ),
    columns=(
        Column(
            name="number",
            heading="vacancy number",
            synonyms=("number", "vacancy id", "job id", "job number", "posting id", "requisition"),
            cell=Text(longest=40),
            help=gettext_noop("The school's own number of the vacancy. Zeros at the start are kept."),
            example="V-2041",
        ),
        Column(
            name="employer",
            heading="employer",
            synonyms=("employer name", "company", "company name", "organization", "organisation"),
            cell=Reference(longest=200, dataset="employers", one=gettext_noop("employer")),
            example="Harbor Health",
        ),
        Column(
            name="title",
            heading="title",
            synonyms=("job title", "position"),
            cell=Text(longest=200),
            example="Staff nurse",
        ),
        Column(
            name="vacancy_type",
            heading="type",
            synonyms=("job type", "employment type"),
            cell=Choice(
                values={
                    "full-time": ("full time", "permanent"),
                    "part-time": ("part time",),
                    "internship": ("internship", "intern"),
                    "co-op": ("co-op", "coop", "cooperative"),
                }
            ),
            is_required=False,
            example="full time",
        ),
        Column(
            name="location",
            heading="location",
            synonyms=("city", "place"),
            cell=Text(longest=200),
            is_required=False,
            example="Northfield",
        ),
        Column(
            name="salary",
            heading="salary",
            synonyms=("annual salary", "pay"),
            cell=Decimal(may_be_negative=False),
            is_required=False,
            example="52000",
        ),
        Column(
            name="web_page",
            heading="web page",
            synonyms=("url", "link", "website"),
            cell=Url(longest=200),
            is_required=False,
            example="https://www.harborhealth.example/jobs/2041",
        ),
        Column(
            name="closes_on",
            heading="closes on",
            synonyms=("closing date", "deadline", "apply by", "expires"),
            cell=Date(),
            is_required=False,
            example="2027-04-30",
        ),
    ),
)
