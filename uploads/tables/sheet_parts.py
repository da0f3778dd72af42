"""A workbook's sheet as its parts hold it: read block by block, and written over cell by cell."""

from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import polars as pl

BLOCK_BYTES = 1 << 20
GIVEN = pl.col("given")
"""What a row is given, in the expression of `written_over`; null where it is given nothing."""


def blocks_of(part: IO[bytes], *, ends: Sequence[bytes]) -> Iterator[bytes]:
    """Yield the part's bytes, cut behind one of these marks; the last block may end with none."""
    left = b""
    while block := part.read(BLOCK_BYTES):
        data = left + block
        end = max(data.rfind(mark) + len(mark) if mark in data else 0 for mark in ends)
        yield data[:end]
        left = data[end:]
    yield left


def written_over(
    frame: pl.DataFrame, column: str, given: Mapping[int, Any], *, kind: type[pl.DataType], to: pl.Expr
) -> pl.DataFrame:
    """Return the frame with `to` in this column; where that is null the cell stays.

    `given` are values of that kind by the number in `row`. A column that the frame does not have is none.
    """
    if column not in frame.columns:
        return frame
    rows = pl.DataFrame(
        {"row": list(given), "given": list(given.values())}, schema={"row": pl.UInt32, "given": kind}
    )
    joined = frame.join(rows, on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(to, pl.col(column)).alias(column)).drop("given")
