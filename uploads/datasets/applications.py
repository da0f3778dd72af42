"""The dataset of applications: which students applied to which vacancies, and how far they came."""

from django.utils.translation import gettext_noop

from jobs.directory import ApplicationStatus
from uploads.cells import Choice, Date, Reference
from uploads.datasets.declaring import Column, Dataset
from uploads.models import Application

APPLICATIONS = Dataset(
    name="applications",
    label=gettext_noop("applications"),
    one=gettext_noop("application"),
    model=Application,
    key=("student", "vacancy"),
    help=gettext_noop(
        "Which students applied to which vacancies. New applications are added, known ones are brought up to "
        "date by student and vacancy, none is deleted. Students and vacancies must be known already. Packets "
        "can then be built of those who applied."
    ),
    columns=(
        Column(
            name="student",
            heading="student number",
            synonyms=("student", "student id", "student no", "applicant", "applicant id", "sid"),
            cell=Reference(longest=40, dataset="students", one=gettext_noop("student")),
            example="00412150",
        ),
        Column(
            name="vacancy",
            heading="vacancy number",
            synonyms=("vacancy", "vacancy id", "job id", "job number", "posting id", "requisition"),
            cell=Reference(longest=40, dataset="vacancies", one=gettext_noop("vacancy")),
            example="V-2041",
        ),
        Column(
            name="status",
            heading="status",
            synonyms=("application status", "stage", "state"),
            cell=Choice(
                values={
                    ApplicationStatus.APPLIED.value: ("applied", "submitted", "new", "pending"),
                    ApplicationStatus.REVIEWING.value: ("under review", "in review", "reviewed", "reviewing"),
                    ApplicationStatus.INTERVIEW.value: ("interview", "interviewing", "interviewed"),
                    ApplicationStatus.OFFERED.value: ("offer made", "offer", "offered"),
                    ApplicationStatus.HIRED.value: ("hired", "accepted", "placed"),
                    ApplicationStatus.REJECTED.value: ("rejected", "declined", "not selected"),
                    ApplicationStatus.WITHDRAWN.value: ("withdrawn", "withdrew", "cancelled", "canceled"),
                }
            ),
            example="applied",
        ),
        Column(
            name="applied_on",
            heading="applied on",
            synonyms=("application date", "date applied", "applied", "date"),
            cell=Date(),
            is_required=False,
            blank="unchanged",
            example="2027-02-15",
        ),
    ),
)
