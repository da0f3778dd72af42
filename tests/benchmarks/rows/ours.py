"""Our side: a process that checks an upload, and imports it when asked, as a worker does.

It prints one line of JSON: the seconds of each step, and the megabytes that it and the process that reads for
it had at most.
"""

import json
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import django
import psutil

django.setup()

from django.core.files.base import File  # noqa: E402  (as are those below: Django is set up by now)

from jobs.models import Job, Person, School  # noqa: E402
from uploads.checking import check  # noqa: E402
from uploads.datasets import STUDENTS  # noqa: E402
from uploads.importing import begin_import, import_rows  # noqa: E402
from uploads.models import Upload  # noqa: E402
from uploads.reading import look_at  # noqa: E402
from uploads.receiving import receive  # noqa: E402

LOOK_SECONDS = 0.02


class Peak:
    """The most memory of this process and its children together, what is backed by files left out."""

    def __init__(self) -> None:
        """Look from now on."""
        self.megabytes = 0.0
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ends.set()
        self._thread.join()

    def _look(self) -> None:
        own = psutil.Process()
        while not self._ends.wait(LOOK_SECONDS):
            taken = 0
            for process in (own, *own.children(recursive=True)):
                try:
                    memory = process.memory_info()
                except psutil.NoSuchProcess:
                    continue
                taken += memory.rss - memory.shared
            self.megabytes = max(self.megabytes, taken / (1 << 20))


def part_of(job: Job) -> Any:
    """Return a part whose progress nobody looks at."""
    return SimpleNamespace(
        job=job,
        arguments=job.arguments,
        units=max(1, job.units_total),
        attempt=1,
        check=lambda: None,
        report=lambda **_given: None,
    )


def main() -> None:
    """Check and import the file that the command line names."""
    path, imports = Path(sys.argv[1]), sys.argv[2] == "import"
    school = School.objects.get(slug="bench")
    person = Person.objects.get(school=school)
    seconds: dict[str, float] = {}
    with path.open("rb") as content:
        file = File(content, name=path.name)
        upload = receive(file=file, key=uuid4(), school=school, by=person)
        look_at(content, dataset=STUDENTS)  # a worker's confined process is there already
        began = time.perf_counter()
        look_at(content, dataset=STUDENTS)
        seconds["preview"] = time.perf_counter() - began
    peak = Peak()
    try:
        began = time.perf_counter()
        check(upload=_again(upload), part=part_of(upload.check_job))
        seconds["check"] = time.perf_counter() - began
        if imports:
            assert begin_import(upload=_again(upload), by=person, with_others=False)
            again = _again(upload)
            began = time.perf_counter()
            import_rows(upload=again, part=part_of(again.import_job))
            seconds["import"] = time.perf_counter() - began
    finally:
        peak.end()
    done = _again(upload)
    assert done.state == ("imported" if imports else "checked"), done.reason
    counts = [done.new_rows, done.changed_rows, done.unchanged_rows, done.wrong_rows]
    print(json.dumps({"seconds": seconds, "megabytes": round(peak.megabytes), "counts": counts}))


def _again(upload: Upload) -> Upload:
    return Upload.objects.select_related("school", "file", "check_job", "import_job").get(pk=upload.pk)


if __name__ == "__main__":
    main()
