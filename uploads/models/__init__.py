"""The records of the uploads app: students, employers, vacancies, applications, outcomes, and uploads."""

from uploads.models.applications import Application
from uploads.models.corrections import Correction
from uploads.models.outcomes import Outcome, OutcomeStatus
from uploads.models.pickups import Pickup, PickupMode
from uploads.models.releases import ReleaseChange
from uploads.models.shapes import FileShape
from uploads.models.states import CHANGES_SHOWN, PROBLEMS_SHOWN, UploadState
from uploads.models.students import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    DocumentType,
    Employer,
    Release,
    Student,
    StudentDocument,
)
from uploads.models.summaries import Summary
from uploads.models.uploads import Upload
from uploads.models.vacancies import Vacancy, VacancyType

__all__ = [
    "CHANGES_SHOWN",
    "EARLIEST_YEAR",
    "LATEST_YEAR",
    "PROBLEMS_SHOWN",
    "Application",
    "Correction",
    "DocumentType",
    "Employer",
    "FileShape",
    "Outcome",
    "OutcomeStatus",
    "Pickup",
    "PickupMode",
    "Release",
    "ReleaseChange",
    "Student",
    "StudentDocument",
    "Summary",
    "Upload",
    "UploadState",
    "Vacancy",
    "VacancyType",
]
