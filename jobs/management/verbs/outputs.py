"""Writing what came of a command: one JSON document, or lines for people."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import OutputWrapper
from django.core.serializers.json import DjangoJSONEncoder
from pydantic import BaseModel

WIDEST = 60
"""Characters of a column."""


class RefusalOut(BaseModel):
    """A refusal, as a document."""

    exit_code: int
    detail: str


class PatientOutput(OutputWrapper):
    """Output that may stop being read, as by `head`: what was begun is still done, and quietly."""

    def write(  # type: ignore[override]  # as Django's own
        self, msg: str = "", style_func: Callable[[str], str] | None = None, ending: str | None = None
    ) -> None:
        """Write, if anybody reads."""
        with self._unheard():
            super().write(msg, style_func, ending)

    def flush(self) -> None:
        """Bring it to the reader, if there is one."""
        with self._unheard():
            super().flush()

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        """Let everything from now on lead nowhere once the reader has gone."""
        try:
            yield
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)


def write_document(out: OutputWrapper, document: BaseModel) -> None:
    """Write `document` as the API would answer it."""
    out.write(json.dumps(document.model_dump(), cls=DjangoJSONEncoder, indent=2, ensure_ascii=False))


def write_table(
    out: OutputWrapper, *, head: Sequence[str], rows: Sequence[Sequence[Any]], whole_last: bool = False
) -> None:
    """Write `rows` below `head` in columns that are not too wide; with `whole_last` the last one is whole."""
    lines = [list(head), *([as_text(cell) for cell in row] for row in rows)]
    if whole_last:
        lines[1:] = [[*line[:-1], as_line(row[-1])] for line, row in zip(lines[1:], rows, strict=True)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        out.write("  ".join(cells).rstrip())


def as_text(value: Any) -> str:
    """Return `value` for a terminal: on one line, short, and without characters that steer it."""
    text = as_line(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def as_line(value: Any) -> str:
    """Return all of `value` for a terminal: on one line, and without characters that steer it."""
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return "".join(one if one.isprintable() else " " for one in str(value))
