"""One side of the benchmark, in a process of its own: binds the documents, prints its time and peak memory.

`python -m tests.benchmarks.stage.binding.sides SIDE FOLDER OUTPUT`; FOLDER holds the documents in order.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pikepdf
from pypdf import PdfWriter

from jobs.confinement import Confinement, Crashed, Limits
from packets.book import Book, BookDocument, BookStudent, bind_book

FUNCTIONS = ("packets.normalising", "packets.typesetting")
LIMITS = Limits(megabytes=600, cpu_seconds=120, seconds=120)
DOCUMENTS_EACH = 2
confinement = Confinement(preload=FUNCTIONS, limits=LIMITS)
"""As a worker has it: its process is up before the clock starts."""


def ready(sources: Sequence[Path], output: Path) -> None:
    """Normalise the documents as parts do, one after the other; their pieces and pages stay beside them."""
    pages = {}
    for source in sources:
        target = source.with_suffix(".piece")
        given = {"source": str(source), "target": str(target), "pages": 500}
        pages[target.name] = confinement.run("packets.normalising:normalise", given)["pages"]
    output.write_text(json.dumps(pages))


def ours(sources: Sequence[Path], output: Path) -> None:
    """Bind a whole packet of documents that are ready, two for each student."""
    pages = json.loads(sources[0].with_name("pages.json").read_text())
    documents = [
        BookDocument(label="Document", pages=pages[piece.name], open=partial(piece.open, "rb"))
        for piece in (source.with_suffix(".piece") for source in sources)
    ]
    students = [
        BookStudent(
            name=f"Student {first:05d}",
            documents=documents[first : first + DOCUMENTS_EACH],
            detail="Biology · Class of 2027",
        )
        for first in range(0, len(documents), DOCUMENTS_EACH)
    ]
    book = Book(title="Spring career fair", school="Northfield University", students=students)

    def typeset(**given: object) -> list[int]:
        made: list[int] = confinement.run("packets.typesetting:typeset", given)
        return made

    with output.open("wb", buffering=1 << 20) as file:
        bind_book(book, file, typeset=typeset, step=lambda _: None)


def qpdf(sources: Sequence[Path], output: Path) -> None:
    """Merge by qpdf's command line, run in this process."""
    pikepdf.Job(["qpdf", "--empty", "--pages", *map(str, sources), "--", str(output)]).run()


def plain_pikepdf(sources: Sequence[Path], output: Path) -> None:
    """Merge as pikepdf's documentation shows it."""
    with ExitStack() as stack, pikepdf.new() as pdf:
        for source in sources:
            pdf.pages.extend(stack.enter_context(pikepdf.open(source)).pages)
        pdf.save(output)


def pypdf(sources: Sequence[Path], output: Path) -> None:
    """Merge as pypdf's documentation shows it."""
    writer = PdfWriter()
    for source in sources:
        writer.append(source)
    writer.write(output)
    writer.close()


SIDES: dict[str, Callable[[Sequence[Path], Path], None]] = {
    "ready": ready,
    "ours": ours,
    "qpdf": qpdf,
    "pikepdf": plain_pikepdf,
    "pypdf": pypdf,
}


def main(side: str, folder: str, output: str) -> None:
    """Run one side."""
    sources = sorted(Path(folder).glob("*.pdf"))
    if side in {"ready", "ours"}:
        with suppress(Crashed):
            confinement.run("packets.normalising:normalise", {})
    began = time.perf_counter()
    SIDES[side](sources, Path(output))
    seconds = time.perf_counter() - began
    confinement.close()
    kilobytes = _most_of_this_process() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"seconds": round(seconds, 3), "megabytes": kilobytes // 1024}))


def _most_of_this_process() -> int:
    """Return kilobytes; `getrusage` would count what its parent had when it forked."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
