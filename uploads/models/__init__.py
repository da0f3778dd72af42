"""The records of the uploads app: students and what belongs to them, and uploads."""

from uploads.models.students import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    DocumentType,
    Employer,
    Student,
    StudentDocument,
)
from uploads.models.uploads import CHANGES_SHOWN, PROBLEMS_SHOWN, Upload, UploadState

__all__ = [
    "CHANGES_SHOWN",
    "EARLIEST_YEAR",
    "LATEST_YEAR",
    "PROBLEMS_SHOWN",
    "DocumentType",
    "Employer",
    "Student",
    "StudentDocument",
    "Upload",
    "UploadState",
]
