"""What uploads are measured against: COPY alone, COPY and an unchecked upsert, django-import-export."""

import time
from pathlib import Path

from django.db import connection, transaction

COLUMNS = "number, first_name, last_name, email, major, graduation_year"
OPTIONS = "(FORMAT csv, FORCE_NOT_NULL (major))"
UPSERT = f"""
INSERT INTO uploads_student (school_id, {COLUMNS})
SELECT %(school)s, {COLUMNS} FROM staging ORDER BY number
ON CONFLICT (school_id, number) DO UPDATE SET
    first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
    major = excluded.major, graduation_year = excluded.graduation_year
"""  # noqa: S608 - names of our own


def let_be_known(path: Path, *, school_id: int) -> None:
    """Let the table of students hold the rows of this file alone, as if they had been there for long."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE uploads_student, uploads_studentdocument RESTART IDENTITY CASCADE")
        cursor.execute(f"ALTER TABLE uploads_student ALTER school_id SET DEFAULT {school_id:d}")
        with path.open("rb") as file:
            cursor.copy_expert(f"COPY uploads_student ({COLUMNS}) FROM STDIN {OPTIONS}", file)
        cursor.execute("ALTER TABLE uploads_student ALTER school_id DROP DEFAULT")
        cursor.execute("VACUUM ANALYZE uploads_student")
        cursor.execute("CHECKPOINT")


def copy_seconds(path: Path, *, school_id: int) -> float:
    """Return how long COPY takes into a fresh table with the same columns, checks and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS fresh")
        cursor.execute("CREATE TABLE fresh (LIKE uploads_student INCLUDING ALL)")
        cursor.execute(f"ALTER TABLE fresh ALTER school_id SET DEFAULT {school_id:d}")
        began = time.perf_counter()
        with path.open("rb") as file:
            cursor.copy_expert(f"COPY fresh ({COLUMNS}) FROM STDIN {OPTIONS}", file)
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE fresh")
    return seconds


def bare_copy_seconds(path: Path) -> float:
    """Return how long COPY takes into a fresh table with nothing but the columns."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS fresh")
        cursor.execute(f"CREATE TABLE fresh AS SELECT {COLUMNS} FROM uploads_student LIMIT 0")  # noqa: S608
        began = time.perf_counter()
        with path.open("rb") as file:
            cursor.copy_expert(f"COPY fresh ({COLUMNS}) FROM STDIN {OPTIONS}", file)
        seconds = time.perf_counter() - began
        cursor.execute("DROP TABLE fresh")
    return seconds


def floor_seconds(path: Path, *, school_id: int) -> float:
    """Return how long COPY into a staging table and one upsert take, without any check."""
    began = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE staging ON COMMIT DROP AS SELECT {COLUMNS} FROM uploads_student LIMIT 0"  # noqa: S608
        )
        with path.open("rb") as file:
            cursor.copy_expert(f"COPY staging ({COLUMNS}) FROM STDIN {OPTIONS}", file)
        cursor.execute(UPSERT, {"school": school_id})
    return time.perf_counter() - began


def import_export_seconds(path: Path, *, school_id: int) -> float:
    """Return how long django-import-export takes in its natural way: a dry run, then the import."""
    from import_export import fields, resources  # noqa: PLC0415  (Django is set up by now)
    from tablib import Dataset  # noqa: PLC0415

    from tests.benchmarks.rows.making import HEADINGS  # noqa: PLC0415
    from uploads.models import Student  # noqa: PLC0415

    names = COLUMNS.split(", ")

    class StudentResource(resources.ModelResource):
        """Students of one school, by number."""

        locals().update(
            {
                name: fields.Field(attribute=name, column_name=heading)
                for name, heading in zip(names, HEADINGS, strict=True)
            }
        )

        class Meta:
            """As its documentation says."""

            model = Student
            import_id_fields = ("number",)
            fields = tuple(names)

        def before_save_instance(self, instance: Student, *_given: object, **_named: object) -> None:
            """Give the student its school."""
            instance.school_id = school_id
            instance.graduation_year = instance.graduation_year or None

    began = time.perf_counter()
    dataset = Dataset().load(",".join(HEADINGS) + "\r\n" + path.read_text(), format="csv")
    resource = StudentResource()
    assert not resource.import_data(dataset, dry_run=True).has_errors()
    assert not resource.import_data(dataset, dry_run=False, raise_errors=True).has_errors()
    return time.perf_counter() - began
