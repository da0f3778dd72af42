"""What is remembered of a kind's parts: enough to know what is usual, for hours, in few rows."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Self

from jobs.costs import Cost, Sample, learn

MOST_LESSONS = 400
FIRST_LESSONS = 60
FIRST_LESSONS_OF_A_WEIGHT = 10
LESSONS_OF_A_JOB = 5
"""Until there are so many lessons, or so many of work of such a weight, a kind learns quickly, so much from
each job; beside that one part in two minutes is remembered. So a kind that turns slow has to be slow for ten
minutes when one job was known, for hours when many were, before that is usual, however many jobs are slow at
once; and a job that turns slow does not hide that itself."""
SLOW_TIMES = 3
"""What takes so many times what such work is known to take teaches nothing quickly; what is faster does."""
LIGHTEST_MEGABYTES = 0.05
"""Units of fewer megabytes are all of one weight; beyond that each weight is twice the one before."""
LESSON_SECONDS = 120
LATELY_SECONDS = 600
FRESH_SECONDS, HALVED_SECONDS = 60, 30
"""How a job did counts in full for a minute. Then its logarithm is halved every half a minute: a spell of
nine times the usual counts as 1.7 after two minutes, as nothing after four."""
MOST_LATELY = 50
FEWEST_LATELY = 3
"""One job alone does not tell how its kind does lately: the missing ones count as usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One part that was done: of which job, when (seconds since 1970), and what it took."""

    job: int
    at: float
    units: float
    megabytes: float
    seconds: float

    @property
    def sample(self) -> Sample:
        """What of it matters for the cost."""
        return Sample(units=self.units, megabytes=self.megabytes, seconds=self.seconds)

    @property
    def weight(self) -> int:
        """Of what weight its units are: a number that grows by one when they are twice as heavy."""
        size = self.megabytes / max(self.units, 1)
        return 1 + math.floor(math.log2(size / LIGHTEST_MEGABYTES)) if size > LIGHTEST_MEGABYTES else 0

    def is_slow(self, cost: Cost) -> bool:
        """Say whether it took far more than `cost` says."""
        return self.seconds > SLOW_TIMES * cost.seconds(units=self.units, megabytes=self.megabytes)


@dataclass(frozen=True, kw_only=True)
class Experience:
    """The lessons of one kind, oldest first, and how its jobs did lately."""

    lessons: Sequence[Lesson] = ()
    lately: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    """By job: how many times the usual its newest parts took, and when that was."""

    def cost(self) -> Cost | None:
        """Return what the lessons teach; None when there is none."""
        return learn(lesson.sample for lesson in self.lessons)

    def has_learned_from(self, job: int) -> bool:
        """Say whether parts of `job` are among the lessons."""
        return any(lesson.job == job for lesson in self.lessons)

    def cost_without(self, job: int, *, least_units: float) -> Cost | None:
        """Return what the lessons of other jobs teach; None when those are fewer than so many units."""
        others = [lesson for lesson in self.lessons if lesson.job != job]
        if sum(lesson.units for lesson in others) < least_units:
            return None
        return learn(lesson.sample for lesson in others)

    def times_lately(self, *, now: float) -> float:
        """Return how many times the usual jobs of the kind take now: the middle one, the less the older."""
        fresh = [
            _faded(times, age=now - at) for times, at in self.lately.values() if at > now - LATELY_SECONDS
        ]
        return median([*fresh, *[1.0] * (FEWEST_LATELY - len(fresh))])

    def with_parts(self, parts: Iterable[Lesson], *, cost: Cost | None, now: float) -> Self:
        """Return the experience with newly done `parts`, which are judged by `cost`."""
        new = list(parts)
        return type(self)(
            lessons=[*self.lessons, *self._chosen(new, cost=cost, now=now)][-MOST_LESSONS:],
            lately=self._lately(new, cost=cost, now=now),
        )

    def _chosen(self, new: Sequence[Lesson], *, cost: Cost | None, now: float) -> list[Lesson]:
        """Return the lessons to remember: the newest, of the jobs of which the fewest are remembered."""
        known = Counter(lesson.job for lesson in self.lessons)
        ranked = []
        for lesson in sorted(new, key=lambda lesson: lesson.at, reverse=True):
            ranked.append((known[lesson.job], lesson))
            known[lesson.job] += 1
        ranked.sort(key=lambda pair: pair[0])
        is_time = not self.lessons or now - self.lessons[-1].at >= LESSON_SECONDS
        quick = (lesson for rank, lesson in ranked if rank < LESSONS_OF_A_JOB)
        chosen = self._quickly(quick, cost=cost)
        if not chosen and is_time:
            chosen = [lesson for _, lesson in ranked[:1]]
        return sorted(chosen, key=lambda lesson: lesson.at)

    def _quickly(self, lessons: Iterable[Lesson], *, cost: Cost | None) -> list[Lesson]:
        """Return those of `lessons` that are among the first of the kind or of their weight, and not slow."""
        before = Counter(lesson.weight for lesson in self.lessons)
        known = before.copy()
        chosen: list[Lesson] = []
        for lesson in lessons:
            if cost is not None and before[lesson.weight] >= LESSONS_OF_A_JOB and lesson.is_slow(cost):
                continue
            is_early = len(self.lessons) + len(chosen) < FIRST_LESSONS
            if is_early or known[lesson.weight] < FIRST_LESSONS_OF_A_WEIGHT:
                chosen.append(lesson)
                known[lesson.weight] += 1
        return chosen

    def _lately(
        self, new: Sequence[Lesson], *, cost: Cost | None, now: float
    ) -> dict[int, tuple[float, float]]:
        lately = {job: seen for job, seen in self.lately.items() if seen[1] > now - LATELY_SECONDS}
        by_job: defaultdict[int, list[Lesson]] = defaultdict(list)
        for lesson in new if cost is not None else ():
            by_job[lesson.job].append(lesson)
        for job, lessons in by_job.items():
            assert cost is not None  # noqa: S101 - else there is no lesson here
            expected = cost.seconds(
                units=sum(lesson.units for lesson in lessons),
                megabytes=sum(lesson.megabytes for lesson in lessons),
            )
            times = sum(lesson.seconds for lesson in lessons) / expected
            lately[job] = times, max(lesson.at for lesson in lessons)
        newest = sorted(lately.items(), key=lambda item: item[1][1])[-MOST_LATELY:]
        return dict(newest)

    def as_json(self) -> dict[str, Any]:
        """Return it as the database keeps it."""
        return {
            "lessons": [
                [one.job, round(one.at, 1), one.units, round(one.megabytes, 4), round(one.seconds, 4)]
                for one in self.lessons
            ],
            "lately": [[job, round(times, 3), round(at, 1)] for job, (times, at) in self.lately.items()],
        }

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what the database kept."""
        return cls(
            lessons=[
                Lesson(job=job, at=at, units=units, megabytes=megabytes, seconds=seconds)
                for job, at, units, megabytes, seconds in kept.get("lessons", ())
            ],
            lately={job: (times, at) for job, times, at in kept.get("lately", ())},
        )


def _faded(times: float, *, age: float) -> float:
    return float(times**0.5 ** (max(0.0, age - FRESH_SECONDS) / HALVED_SECONDS))
