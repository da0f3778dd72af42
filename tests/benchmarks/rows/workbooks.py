"""A workbook of the benchmark's rows, read by us and by the library alone, each time in a new process."""

import csv
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

ALONE = """
import sys, time, fastexcel
began = time.perf_counter()
fastexcel.read_excel(sys.argv[1]).load_sheet(0, header_row=None, dtypes="string").to_polars()
print(time.perf_counter() - began)
"""
OURS = """
import sys, time
from uploads.tables.reading import read
began = time.perf_counter()
assert read(path=sys.argv[1], folder=sys.argv[2], known=[])["rows"]
print(time.perf_counter() - began)
"""


def make_workbook(path: Path) -> Path:
    """Write the rows of a CSV file as a workbook beside it."""
    target = path.with_suffix(".xlsx")
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet("Students")
    with path.open(newline="", encoding="utf-8") as file:
        for row, cells in enumerate(csv.reader(file)):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
    book.close()
    return target


def seconds_alone(path: Path) -> float:
    """Return how long the library takes."""
    return _seconds(ALONE, path)


def seconds_of_ours(path: Path) -> float:
    """Return how long our reading takes, its files of text written."""
    return _seconds(OURS, path)


def _seconds(program: str, path: Path) -> float:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-c", program, str(path), folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)
