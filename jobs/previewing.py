"""What changed settings would have meant for the last hours' jobs: the same traffic, simulated twice."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.models import School
from jobs.rules import Example, NoRoute, first_rule
from jobs.settings import Switchyard
from jobs.simulation import NOTHING, Arrival, Waits, simulate
from jobs.traffic import Traffic, begin_of, traffic_since

HAND_OVER_SECONDS = 0.01
"""What a part holds its worker beside its own time, while nothing was measured."""
NOTICED_TIMES, NOTICED_SECONDS = 1.1, 0.5
"""What is less longer than this is no news."""


@dataclass(frozen=True, kw_only=True)
class LanePreview:
    """The simulated waits of one lane, under the settings in force and under the changed ones."""

    lane: str
    before: Waits
    after: Waits

    @property
    def waits_longer(self) -> bool:
        """Whether half of the jobs begin noticeably later."""
        return self._has_both and _is_longer(self.before.p50, self.after.p50)

    @property
    def takes_longer(self) -> bool:
        """Whether half of the jobs are done noticeably later."""
        return self._has_both and _is_longer(self.before.end_p50, self.after.end_p50)

    @property
    def _has_both(self) -> bool:
        """Whether jobs came into it before and after; else there is nothing to compare."""
        return bool(self.before.jobs and self.after.jobs)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a change would have meant."""

    since: datetime
    """The begin of the traffic that was simulated."""
    jobs: int
    """As many as all lanes together had before."""
    is_cut: bool
    """Whether there was more traffic in the hours asked for than a preview simulates."""
    lanes: list[LanePreview]

    @property
    def jobs_after(self) -> int:
        """As many as all lanes together had after the change."""
        return sum(lane.after.jobs for lane in self.lanes)


def preview(
    *,
    before: Switchyard,
    after: Switchyard,
    weights_after: Mapping[str, float],
    now: datetime,
    hours: float = 3,
) -> Preview:
    """Simulate the jobs submitted in the last `hours` under the settings `before` and `after` a change.

    `weights_after` are by school's slug; those of other schools stay. What is not simulated: holds,
    failures, jobs that follow others, what was in line before, numbers of workers that a person set, and
    memory that is short.
    """
    since, is_cut = begin_of(now=now, hours=hours)
    traffic = traffic_since(since, settings=before)
    schools = list(School.objects.all())
    weights = {school.slug: school.weight for school in schools}
    slugs = {school.pk: school.slug for school in schools}
    waits_before = _simulated(traffic, settings=before, weights=weights, slugs=slugs)
    waits_after = _simulated(traffic, settings=after, weights={**weights, **weights_after}, slugs=slugs)
    lanes = [
        LanePreview(lane=name, before=waits_before.get(name, NOTHING), after=waits_after[name])
        for name in after.lanes
    ]
    jobs = sum(waits.jobs for waits in waits_before.values())
    return Preview(since=since, jobs=jobs, is_cut=is_cut, lanes=lanes)


def _is_longer(before: float, after: float) -> bool:
    return after > before * NOTICED_TIMES + NOTICED_SECONDS


def _simulated(
    traffic: Sequence[Traffic],
    *,
    settings: Switchyard,
    weights: Mapping[str, float],
    slugs: Mapping[int, str],
) -> dict[str, Waits]:
    arrivals = [
        Arrival(
            at=each.at,
            lane=lane,
            school=each.job.school_id,
            stages=each.stages,
            priority=each.job.priority,
        )
        for each, lane in _routed(traffic, settings=settings, slugs=slugs)
    ]
    by_id = {pk: weights[slug] for pk, slug in slugs.items()}
    hand_overs = [seconds for each in traffic for seconds in each.hand_over_seconds]
    return simulate(
        arrivals,
        lanes=settings.lanes,
        weights=by_id,
        services=settings.services,
        slugs=slugs,
        supervision=settings.supervision,
        hand_over_seconds=statistics.fmean(hand_overs) if hand_overs else HAND_OVER_SECONDS,
    )


def _routed(
    traffic: Sequence[Traffic], *, settings: Switchyard, slugs: Mapping[int, str]
) -> Iterable[tuple[Traffic, str]]:
    """Lead each job to its lane by the rules of `settings`; what no rule takes any more stays out."""
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    for each in traffic:
        by_kind[each.job.kind].append(each.unit_seconds)
    usual = {kind: statistics.median(costs) for kind, costs in by_kind.items()}
    for each in traffic:
        usual_seconds = usual[each.job.kind]
        example = Example(
            kind=each.job.kind,
            school=slugs[each.job.school_id],
            sizes=each.job.sizes,
            times_slower=each.unit_seconds / usual_seconds if usual_seconds else None,
            expected_seconds=each.seconds,
        )
        try:
            yield each, first_rule(settings.routes, example).lane
        except NoRoute:
            continue
