"""The datasets that a school uploads, each declared in a module of its own."""

from uploads.datasets.declaring import Column, Dataset
from uploads.datasets.employers import EMPLOYERS
from uploads.datasets.outcomes import OUTCOMES
from uploads.datasets.students import STUDENTS
from uploads.datasets.vacancies import VACANCIES

DATASETS = {dataset.name: dataset for dataset in (STUDENTS, EMPLOYERS, VACANCIES, OUTCOMES)}

__all__ = ["DATASETS", "EMPLOYERS", "OUTCOMES", "STUDENTS", "VACANCIES", "Column", "Dataset"]
