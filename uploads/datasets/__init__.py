"""The datasets that a school uploads, each declared in a module of its own."""

from uploads.datasets.applications import APPLICATIONS
from uploads.datasets.declaring import Column, Dataset
from uploads.datasets.employers import EMPLOYERS
from uploads.datasets.outcomes import OUTCOMES
from uploads.datasets.students import STUDENTS
from uploads.datasets.vacancies import VACANCIES

DATASETS = {dataset.name: dataset for dataset in (STUDENTS, EMPLOYERS, VACANCIES, APPLICATIONS, OUTCOMES)}

__all__ = [
    "APPLICATIONS",
    "DATASETS",
    "EMPLOYERS",
    "OUTCOMES",
    "STUDENTS",
    "VACANCIES",
    "Column",
    "Dataset",
]
