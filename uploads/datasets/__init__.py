"""The datasets that a school uploads, each declared in a module of its own."""

from uploads.datasets.declaring import Column, Dataset
from uploads.datasets.students import STUDENTS

DATASETS = {dataset.name: dataset for dataset in (STUDENTS,)}

__all__ = ["DATASETS", "STUDENTS", "Column", "Dataset"]
