"""The desk, in a process of its own: people ask for codes, two a second, on the side that the flag names.

Started with `--flag FILE --asked FILE --every SECONDS` it runs until TERM. As long as the flag file is there
and names a side, a code is asked for; for each a line with its id, the time before and after the asking, and
its address is added to the other file.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402  (Django comes first)

from emails.codes import request_code  # noqa: E402
from jobs.models import Person  # noqa: E402
from tests.benchmarks.stage.replay import sides  # noqa: E402

LOOK_SECONDS = 0.02


def people() -> Iterator[Person]:
    """Return the people who want codes, each in turn."""
    found = list(Person.objects.filter(email__endswith="@desk.example").select_related("school"))
    return (found[number % len(found)] for number in count())


def ask(person: Person, *, asked: int) -> None:
    """Ask for a code and write down when."""
    before = time.time()
    job = request_code(person=person, now=timezone.now())
    line = f"{job.arguments['code']} {before:.6f} {time.time():.6f} {person.email}\n"
    os.write(asked, line.encode())


def main() -> None:
    """Ask on and on."""
    parser = argparse.ArgumentParser(description="Asks for codes.")
    parser.add_argument("--flag", type=Path, required=True)
    parser.add_argument("--asked", type=Path, required=True)
    parser.add_argument("--every", type=float, required=True)
    given = parser.parse_args()
    asked = os.open(given.asked, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    queue = people()
    given.flag.with_suffix(".ready").touch()
    due = time.monotonic()
    while True:
        side = ""
        with suppress(FileNotFoundError):
            side = given.flag.read_text()
        if side and time.monotonic() >= due:
            due = max(due + given.every, time.monotonic() - given.every)
            sides.take(side)
            ask(next(queue), asked=asked)
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
