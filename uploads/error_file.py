"""Writing the error file: the wrong rows as the person wrote them, with what is wrong."""

import csv
import io
from typing import IO

import polars as pl

from jobs.models import StoredFile
from jobs.spreadsheets import made_safe
from uploads.examining import Examination
from uploads.headings import PROBLEM_HEADING, plain
from uploads.models import Upload
from uploads.pairs import in_pairs
from uploads.safe_csv import store_csv, written_rows


def write_error_file(examination: Examination, *, upload: Upload) -> StoredFile:
    """Store the file's wrong rows, in its own columns and a first one that says what is wrong.

    The file can be corrected and uploaded as it is: that first column is not read. Rows with more or fewer
    cells than headings stand last.
    """
    return store_csv(lambda target: _write(target, examination), upload=upload, ending="wrong rows")


def _write(target: IO[bytes], examination: Examination) -> None:
    table = examination.table
    reasons = _reasons(examination.checked.problems)
    own = [place for place, heading in enumerate(table.headings) if plain(heading) != PROBLEM_HEADING]
    heads = [PROBLEM_HEADING, *[made_safe(table.headings[place]) for place in own]]
    csv_text = io.StringIO(newline="")
    csv.writer(csv_text, delimiter=table.delimiter).writerow(heads)
    target.write(csv_text.getvalue().encode())

    def rows_of(block: pl.DataFrame) -> bytes:
        wrong = block.join(reasons, on="row", maintain_order="left")
        cells = wrong.select("reasons", *[f"c{place}" for place in own])
        return written_rows(cells, delimiter=table.delimiter, heads=False)

    target.writelines(in_pairs(rows_of, table.blocks()))
    _write_ragged(target, table.ragged.join(reasons, on="row", maintain_order="left"), own, table.delimiter)


def _reasons(problems: pl.DataFrame) -> pl.DataFrame:
    """Return each wrong row with a sentence of all that is wrong with it."""
    column = pl.when(pl.col("column") == "").then(pl.lit("")).otherwise(pl.concat_str("column", pl.lit(": ")))
    sentence = pl.concat_str(column, "reason", pl.lit(" "), "remedy")
    return (
        problems.group_by("row", maintain_order=True)
        .agg(sentence.str.join(" ").alias("sentence"))
        .select("row", reasons=pl.format("Row {}: {}", "row", "sentence"))
    )


def _write_ragged(target: IO[bytes], ragged: pl.DataFrame, own: list[int], delimiter: str) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    width = len(own)
    for cells, reasons in ragged.select("cells", "reasons").iter_rows():
        kept = [cell for place, cell in enumerate(cells) if place in own or place > max(own, default=width)]
        writer.writerow([reasons, *map(made_safe, kept)])
    target.write(text.getvalue().encode())
