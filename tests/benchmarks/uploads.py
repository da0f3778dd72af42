"""Uploads of 10,000, 100,000 and a million students beside what PostgreSQL takes for the same rows alone.

Baselines, each beside ours and in turn with it: `floor`, COPY into a staging table and one upsert, without
any check; `copy`, COPY of the good rows into a fresh table with the same columns, checks and indexes
(`bare_copy`: with the columns alone); and django-import-export in its natural way, a dry run and the import,
at 10,000 rows. Ours is the check and the import of a file with one wrong row in a hundred. Cases: all rows
new; half of the keys known, all with other values; half known and a third of all rows unchanged. XLSX is read
beside its reader library alone. Figures are medians of `BENCH_UPLOADS_ROUNDS`; `BENCH_UPLOADS_ROWS` makes the
largest size smaller.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.benchmarks.stage.world import servers

ROUNDS = int(os.environ.get("BENCH_UPLOADS_ROUNDS", "3"))
MOST_ROWS = int(os.environ.get("BENCH_UPLOADS_ROWS", "1000000"))
SMALL, MIDDLE = 10_000, 100_000
WORKBOOK_ROWS = 100_000
CASES = {"new": "none", "half known": "changed", "third unchanged": "mostly_same"}
"""What is known before, by the name of the case."""


def main() -> None:
    """Run all and print one line of JSON last."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="switchyard-bench-")))
        os.environ.update(
            SWITCHYARD_VAR=str(folder / "var"),
            SECRET_KEY="for-the-benchmark",
            BROKER_URL="redis://127.0.0.1:1/0",
            DJANGO_SETTINGS_MODULE="switchyard.settings",
        )
        stack.enter_context(servers(stack))
        print(json.dumps(run(folder)))


def run(folder: Path) -> dict[str, Any]:
    """Return the figures."""
    school_id = prepare()
    from tests.benchmarks.rows.making import make_files  # noqa: PLC0415  (Django is set up by now)

    found: dict[str, Any] = {}
    for rows in sorted({size for size in (SMALL, MIDDLE, MOST_ROWS) if size <= MOST_ROWS}):
        files = make_files(folder, rows=rows)
        cases = {case: measured(case, files, school_id=school_id) for case in CASES}
        found[str(rows)] = {case: figures_of(rounds, rows=rows) for case, rounds in cases.items()}
        if rows <= WORKBOOK_ROWS:
            found[str(rows)]["workbook"] = workbook_figures(files.mixed)
        print(rows, json.dumps(found[str(rows)]), flush=True)
    return summary(found)


def measured(case: str, files: Any, *, school_id: int) -> list[dict[str, Any]]:
    """Return what each round of a case took, its baselines and ours in turn."""
    from tests.benchmarks.rows import baselines  # noqa: PLC0415  (Django is set up by now)

    known = files.known[CASES[case]]
    rounds: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        baselines.let_be_known(known, school_id=school_id)
        taken: dict[str, Any] = {"floor": baselines.floor_seconds(files.clean, school_id=school_id)}
        baselines.let_be_known(known, school_id=school_id)
        taken |= ours(files.mixed)
        if case == "new":
            taken["copy"] = baselines.copy_seconds(files.clean, school_id=school_id)
            taken["bare_copy"] = baselines.bare_copy_seconds(files.clean)
        if case == "new" and files.rows == SMALL:
            baselines.let_be_known(known, school_id=school_id)
            taken["import_export"] = baselines.import_export_seconds(files.clean, school_id=school_id)
        rounds.append(taken)
    return rounds


def workbook_figures(path: Path) -> dict[str, float]:
    """Return how long reading a workbook of the file's rows takes us, and the reader library alone."""
    from tests.benchmarks.rows.workbooks import make_workbook, seconds_alone, seconds_of_ours  # noqa: PLC0415

    book = make_workbook(path)
    rounds = [(seconds_alone(book), seconds_of_ours(book)) for _ in range(ROUNDS)]
    alone, own = (statistics.median(each[side] for each in rounds) for side in (0, 1))
    ratio = statistics.median(own / alone for alone, own in rounds)
    return {"alone": round(alone, 3), "ours": round(own, 3), "vs_alone": round(ratio, 3)}


def prepare() -> int:
    """Make the tables and a school with a person; return the school's id."""
    import django  # noqa: PLC0415  (the environment is set by now)

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from jobs.models import Person, School  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    school = School.objects.create(name="Bench University", slug="bench")
    Person.objects.create_user(email="bench@school.example", password=None, name="Bench", school=school)
    return int(school.pk)


def ours(path: Path, *, does: str = "import") -> dict[str, Any]:
    """Return what our side tells of this file, checked and imported."""
    command = [sys.executable, "-m", "tests.benchmarks.rows.ours", str(path), does]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ)
    told = json.loads(done.stdout.splitlines()[-1])
    return {**told["seconds"], "megabytes": told["megabytes"], "counts": told["counts"]}


def figures_of(rounds: list[dict[str, Any]], *, rows: int) -> dict[str, Any]:
    """Return the medians, and ours beside the baselines."""
    names = [name for name in rounds[0] if name != "counts"]
    figures: dict[str, Any] = {
        name: round(statistics.median(each[name] for each in rounds), 3) for name in names
    }
    both = statistics.median(each["check"] + each["import"] for each in rounds)
    figures["both"] = round(both, 3)
    figures["rows_a_second"] = round(rows / both)
    figures["vs_floor"] = round(
        statistics.median((each["check"] + each["import"]) / each["floor"] for each in rounds), 3
    )
    for name in ("copy", "bare_copy", "import_export"):
        if name in figures:
            figures[f"vs_{name}"] = round(figures[name] / both, 3)
    return {**figures, "counts": rounds[0]["counts"]}


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """Return all with the figures that are aimed at in front."""
    largest, small = found[str(MOST_ROWS)], found[str(SMALL)]
    return {
        "vs_floor": largest["half known"]["vs_floor"],
        "vs_floor_third_unchanged": largest["third unchanged"]["vs_floor"],
        "vs_copy_new": largest["new"]["vs_copy"],
        "vs_import_export": small["new"]["vs_import_export"],
        "dry_run_seconds_1m": largest["half known"]["check"],
        "preview_seconds_1m": largest["half known"]["preview"],
        "megabytes": max(case["megabytes"] for case in largest.values() if "megabytes" in case),
        "xlsx_vs_reader": found[str(min(MIDDLE, MOST_ROWS))]["workbook"]["vs_alone"],
        "sizes": found,
    }


if __name__ == "__main__":
    main()
