"""Mailings without a platform: the same verbs on the same parts, from as many threads, out of a list.

Started with `--slots N JOB ...` it does the parts of the jobs, whose ledgers are written, in turns of the
jobs, at the niceness of a worker of their lane. What the platform does around a verb is missing: doorbell,
claim, fair shares, limits, lease, fence, progress, history.
"""

import argparse
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest

import django

django.setup()

from jobs.models import Job  # noqa: E402
from jobs.registry import kind_named  # noqa: E402
from jobs.verbs import PartPlan  # noqa: E402
from jobs.worker import NICENESS  # noqa: E402
from tests.benchmarks.stage.replay.bare import Plain  # noqa: E402  (Django comes first)


class Unasked(Plain):
    """A part that nobody stops."""

    def check(self) -> None:
        """Go on."""


def do(job: Job, plan: PartPlan) -> None:
    """Do one part."""
    kind_named(job.kind).work(Unasked(job, arguments=plan.arguments, units=plan.units, attempt=1))


def in_turns(jobs: Iterable[Job]) -> Iterator[tuple[Job, PartPlan]]:
    """Return the parts of the jobs, one of each job in turn."""
    plans = [[(job, plan) for plan in kind_named(job.kind).plan(job)] for job in jobs]
    return (part for turn in zip_longest(*plans) for part in turn if part is not None)


def main() -> None:
    """Do all parts."""
    parser = argparse.ArgumentParser(description="Does the parts of jobs.")
    parser.add_argument("--slots", type=int, required=True)
    parser.add_argument("jobs", type=int, nargs="+")
    given = parser.parse_args()
    os.nice(NICENESS)
    jobs = Job.objects.select_related("school").filter(pk__in=given.jobs).order_by("pk")
    parts = list(in_turns(jobs))
    with ThreadPoolExecutor(given.slots) as pool:
        list(pool.map(lambda part: do(*part), parts))


if __name__ == "__main__":
    main()
