"""The staging tables of one check or import: rows and problems, compared within PostgreSQL.

They are temporary tables of the connection, so that memory stays bounded however long the file is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from django.db import connection
from psycopg2.sql import SQL, Composed, Identifier

from uploads import statements
from uploads.changes import Change
from uploads.columns import COLUMNS
from uploads.reading import Layout
from uploads.rules import CheckedRow, Problem

ROWS_A_READ = 5000
UNIQUE = {"number": "number", "email": "lower(email)"}
"""Columns whose values may stand in the file once, each with what is compared."""
LONGEST_VALUE = 200
"""Characters of a wrong value that are kept for the page."""

ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many rows are new, changed, unchanged, wrong, and left out though they are good."""

    new: int
    changed: int
    unchanged: int
    wrong: int = 0
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Others:
    """The rows whose name and address both differ from the known student's of that number."""

    count: int
    seen: int
    """Says which rows, and which students they would replace, in one number: it differs when these do."""


class Staging:
    """The rows of one file, staged on this thread's connection; one at a time."""

    def __init__(self, *, layout: Layout) -> None:
        """Make empty tables for a file of this `layout`."""
        self._fields = [column.name for column in COLUMNS if column.name in layout.places]
        self._compared = [name for name in self._fields if name != "number"]
        self._headings = {name: layout.headings[place] for name, place in layout.places.items()}
        with connection.cursor() as cursor:
            cursor.execute(statements.DROP)
            cursor.execute(statements.CREATE)

    def drop(self) -> None:
        """Give the tables' space back; the next staging or the connection's end would do it too."""
        with connection.cursor() as cursor:
            cursor.execute(statements.DROP)

    def add(self, rows: Sequence[CheckedRow]) -> None:
        """Stage checked rows."""
        problems = [
            (
                problem.row,
                place,
                problem.column,
                problem.value[:LONGEST_VALUE],
                problem.reason,
                problem.remedy,
            )
            for row in rows
            for place, problem in enumerate(row.problems)
        ]
        _copy("COPY upload_problem FROM STDIN", problems)
        names = ", ".join(self._fields)
        _copy(f"COPY upload_row (row_number, {names}) FROM STDIN", [self._staged(row) for row in rows])

    def _staged(self, row: CheckedRow) -> tuple[int | str | None, ...]:
        if not row.problems:
            return row.number, *[self._value(row, name) for name in self._fields]
        wrong = {problem.column for problem in row.problems}
        kept = {name for name in UNIQUE if self._headings[name] not in wrong}
        return row.number, *[self._value(row, name) if name in kept else None for name in self._fields]

    def _value(self, row: CheckedRow, name: str) -> str | None:
        return row.values.get(name) or None

    def settle(self) -> None:
        """Find what is repeated within the file, then keep the good rows alone."""
        with connection.cursor() as cursor:
            for place, (name, key) in enumerate(UNIQUE.items(), start=len(COLUMNS)):
                repeated = statements.FIND_REPEATED.format(column=Identifier(name), key=SQL(key))
                cursor.execute(repeated, {"place": place, "heading": self._headings[name]})
            cursor.execute(statements.KEEP_GOOD)

    def compare(self, *, school_id: int) -> Counts:
        """Return what an import into the school would do now."""
        statement = statements.COMPARE.format(old=self._of("student"), new=self._of("staged"))
        with connection.cursor() as cursor:
            cursor.execute(statement, {"school": school_id})
            new, changed, unchanged, wrong = cursor.fetchone()
        return Counts(new=new, changed=changed, unchanged=unchanged, wrong=wrong)

    def others(self, *, school_id: int) -> Others:
        """Return which rows look like another person than the school's student of that number."""
        statement = statements.OTHERS.format(other=self._is_other("staged"))
        with connection.cursor() as cursor:
            cursor.execute(statement, {"school": school_id})
            count, seen = cursor.fetchone()
        return Others(count=count, seen=seen)

    def changes(self, *, school_id: int) -> Iterator[Change]:
        """Yield each row that would change a student: first who looks like another person, then by row."""
        statement = statements.CHANGES.format(
            other=self._is_other("staged"),
            old=self._of("student"),
            new=self._of("staged"),
            old_texts=self._texts_of("student"),
            new_texts=self._texts_of("staged"),
        )
        headings = [self._headings[name] for name in self._compared]
        with connection.chunked_cursor() as cursor:
            cursor.execute(statement, {"school": school_id})
            for row, number, name, is_other, old, new in cursor:
                cells = [cell for cell in zip(headings, old, new, strict=True) if cell[1] != cell[2]]
                yield Change(row=row, number=number, name=name, is_other=is_other, cells=cells)

    def merge(self, *, school_id: int, with_others: bool) -> Counts:
        """Write the good rows into the school's students and return what was done; twice does no more.

        Rows that look like another person are left out unless `with_others`.
        """
        left_out = 0 if with_others else self.others(school_id=school_id).count
        changes = [SQL("{0} = excluded.{0}").format(Identifier(name)) for name in self._compared]
        statement = statements.MERGE.format(
            changes=SQL(", ").join(changes),
            old=self._of("student"),
            excluded=self._of("excluded"),
            other=self._is_other("excluded"),
        )
        chosen = {"school": school_id, "with_others": with_others, "left_out": left_out}
        with connection.cursor() as cursor:
            cursor.execute(statement, chosen)
            new, changed, unchanged = cursor.fetchone()
        return Counts(new=new, changed=changed, unchanged=unchanged, left_out=left_out)

    def _is_other(self, given: str) -> Composed:
        return statements.OTHER.format(known=Identifier("student"), given=Identifier(given))

    def _texts_of(self, table: str) -> Composed:
        return SQL(", ").join(
            SQL("coalesce({}::text, '')").format(Identifier(table, name)) for name in self._compared
        )

    def _of(self, table: str) -> Composed:
        return SQL(", ").join(
            SQL("coalesce({}, '')").format(Identifier(table, name))
            if name == "major"
            else Identifier(table, name)
            for name in self._compared
        )

    def first_problems(self, *, limit: int) -> list[Problem]:
        """Return the first problems by row."""
        with connection.cursor() as cursor:
            cursor.execute(statements.PROBLEMS, {"limit": limit})
            return [
                Problem(row=row, column=heading, value=value, reason=reason, remedy=remedy)
                for row, heading, value, reason, remedy in cursor.fetchall()
            ]

    def wrong_rows(self) -> Iterator[tuple[int, str]]:
        """Yield the number of each wrong row, in order, with all that is wrong with it."""
        after = 0
        while found := self._wrong_rows_after(after):
            yield from found
            after = found[-1][0]

    def _wrong_rows_after(self, after: int) -> list[tuple[int, str]]:
        with connection.cursor() as cursor:
            cursor.execute(statements.WRONG_ROWS, {"after": after, "limit": ROWS_A_READ})
            return list(cursor.fetchall())


def _copy(statement: str, rows: Sequence[Sequence[int | str | None]]) -> None:
    text = "".join("\t".join(map(_escaped, row)) + "\n" for row in rows)
    with connection.cursor() as cursor:
        cursor.copy_expert(statement, StringIO(text))


def _escaped(value: int | str | None) -> str:
    return r"\N" if value is None else str(value).translate(ESCAPES)
