"""The dataset of employers."""

from django.utils.translation import gettext_noop

from uploads.cells import Text, Url
from uploads.datasets.declaring import Column, Dataset
from uploads.models import Employer

EMPLOYERS = Dataset(
    name="employers",
    label=gettext_noop("employers"),
    one=gettext_noop("employer"),
    model=Employer,
    key=("name",),
    help=gettext_noop(
        "New employers are added, known ones are brought up to date by their name, none is deleted."
    ),
    columns=(
        Column(
            name="name",
            heading="employer name",
            synonyms=("name", "employer", "company", "company name", "organization", "organisation"),
            cell=Text(longest=200),
            example="Harbor Health",
        ),
        Column(
            name="website",
            heading="website",
            synonyms=("web site", "url", "homepage", "web page"),
            cell=Url(longest=200),
            is_required=False,
            blank="unchanged",
            example="https://www.harborhealth.example/",
        ),
        Column(
            name="industry",
            heading="industry",
            synonyms=("sector", "branch"),
            cell=Text(longest=100),
            is_required=False,
            blank="unchanged",
            example="Health care",
        ),
    ),
)
