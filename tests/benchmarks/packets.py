"""Binding a packet of 50, 500 and 2,000 documents, beside plain merges of the same files by other tools.

Of twenty documents twelve are set text, three have a photo and five are scans of two to five megabytes.
Ours is the whole packet (cover, linked contents, dividers, bookmarks, page numbers, links kept) of documents
that are ready, as all are that were in a packet before, in a worker whose child process is up; how long
making ready takes stands beside. The others merge and do no more. Each side runs in a process of its own, and
the shortest of its runs counts (`BENCH_PACKETS_RUNS`, 3 unless set). Another 500 documents share fonts and a
logo: how large is what comes of them? `BENCH_PACKETS_SIZES` shortens it. Memory is the most that a side's
processes had, added up.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf

from tests.benchmarks.stage.binding.documents import make_alike, make_documents

SIZES = [int(size) for size in os.environ.get("BENCH_PACKETS_SIZES", "50,500,2000").split(",")]
RUNS = int(os.environ.get("BENCH_PACKETS_RUNS", "3"))
USUAL = 500
"""The size of which the ratios of time are; those of the others stand in `sizes`."""
ALIKE = 500
SIDES = ("ours", "qpdf", "pikepdf", "pypdf")
MEGABYTE = 1 << 20
LARGE = 1000
"""So many documents are bound once by each side."""


def main() -> None:
    """Measure, and print a table and a line of JSON."""
    found = {}
    with TemporaryDirectory(prefix="bench-packets-") as folder:
        for size in SIZES:
            found[size] = _measure(Path(folder, str(size)), documents=size)
        alike = Path(folder, "alike")
        alike.mkdir()
        make_alike(alike, count=ALIKE)
        _run("ready", alike, alike / "pages.json")
        _run("ours", alike, alike / "ours.out")
        size_ratio = (alike / "ours.out").stat().st_size / _bytes_of(alike.glob("*.pdf"))
    usual = found[USUAL if USUAL in found else max(found)]
    summary = {
        "ratio": _times(usual, "ours", "qpdf"),
        "vs_pypdf": _times(usual, "pypdf", "ours"),
        "vs_pikepdf": _times(usual, "pikepdf", "ours"),
        "size_ratio": round(size_ratio, 3),
        "size_ratio_of_different": max(each["ours"]["size_ratio"] for each in found.values()),
        "megabytes": max(each["ours"]["megabytes"] for each in found.values()),
        "problems": sum(each["problems"] for each in found.values()),
        "sizes": found,
    }
    print(json.dumps(summary))


def _measure(folder: Path, *, documents: int) -> dict[str, Any]:
    folder.mkdir()
    sources = _bytes_of(make_documents(folder, count=documents))
    print(f"\n{documents:,} documents, {sources / MEGABYTE:,.0f} MB")
    found: dict[str, Any] = {"ready": _run("ready", folder, folder / "pages.json")}
    for _ in range(1 if documents >= LARGE else RUNS):
        for side in SIDES:
            output = folder / f"{side}.out"
            run = {**_run(side, folder, output), "size_ratio": round(output.stat().st_size / sources, 3)}
            found[side] = min(found.get(side, run), run, key=lambda each: each["seconds"])
    with pikepdf.open(folder / "ours.out") as packet:
        found["problems"] = len(packet.check_pdf_syntax())
    for output in folder.iterdir():
        output.unlink()
    for side in ("ready", *SIDES):
        print(f"  {side:8}", "  ".join(f"{name} {value:>8,}" for name, value in found[side].items()))
    return found


def _run(side: str, folder: Path, output: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.stage.binding.sides", side, str(folder), str(output)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    run: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return run


def _times(found: dict[str, Any], side: str, other: str) -> float:
    return round(found[side]["seconds"] / found[other]["seconds"], 3)


def _bytes_of(paths: Sequence[Path] | Any) -> int:
    return sum(path.stat().st_size for path in paths)


if __name__ == "__main__":
    main()
