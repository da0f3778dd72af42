"""Drawing on limits: what claimed parts cost their lane, their school in it and an outside service.

A part is claimed while its limits are open, and paid at once. That may leave a debt, and a limit in
debt is closed until it is paid: so the long-run rate is exact under any number of workers. The last part
before that is reckoned in: what is saved for it is less by as much, so that no span sees more than the
burst and what came meanwhile. Only parts of more than half a burst go beyond that, by what they have more;
new jobs are cut into smaller ones. What the end of a turn leaves of a part goes back to its limits.
Honest limit: else what counts is the claim. Units that were claimed and not done yet, of workers that just
start or whose outside service stood still, may be done at one go later.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Extract

from jobs.lanes import SCHOOL_RATES, Lane
from jobs.models import Bucket, Part, PartState
from jobs.overrides import Path
from jobs.registry import goes_on, services
from jobs.sections import Service
from jobs.settings import Switchyard, switchyard

# A condition on `bucket`: it is in debt, so its limit is closed.
IN_DEBT = "bucket.tokens + bucket.rate * extract(epoch FROM %(now)s - bucket.filled_at) < 0"
# The same, or it was so within the last three seconds: a limit in use opens and closes with each part, and is
# what keeps its lane back all the time.
KEEPS_BACK = """(bucket.tokens < 0
    AND bucket.tokens + bucket.rate * (extract(epoch FROM %(now)s - bucket.filled_at) - 3) < 0)"""

# A limit begins with nothing saved, and a draw waits for nobody but another draw of the same limit.
PAY = """
INSERT INTO jobs_bucket AS bucket (name, lane, school_id, service, rate, tokens, filled_at)
SELECT name, lane, nullif(school, 0), service, rate, -amount, %(now)s
FROM unnest(%(names)s::text[], %(lanes)s::text[], %(schools)s::bigint[], %(services)s::text[],
    %(rates)s::float[], %(amounts)s::float[]) AS drawn(name, lane, school, service, rate, amount)
ORDER BY name
ON CONFLICT (name) DO UPDATE SET
    tokens = least(
        bucket.tokens + bucket.rate * greatest(0, extract(epoch FROM excluded.filled_at - bucket.filled_at)),
        greatest(BURST + excluded.tokens, BURST / 2)
    ) + excluded.tokens,
    filled_at = greatest(bucket.filled_at, excluded.filled_at),
    rate = excluded.rate
RETURNING name, tokens
""".replace("BURST", "(%(bursts)s::float[])[array_position(%(names)s::text[], bucket.name)]")
ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One limit in force: how many tokens come in a second, and how many may be saved."""

    name: str
    path: Path
    """Where its rate stands in the settings."""
    rate: float
    burst: float
    lane: str = ""
    school: int = 0
    """The school's id; 0 for all of them."""
    service: str = ""

    @property
    def counts_bytes(self) -> bool:
        """Whether its tokens are bytes, and not units."""
        return self.name.endswith(":bytes")

    def concerns(self, service: str) -> bool:
        """Say whether parts of its lane and school that go to `service` draw on it."""
        return self.service in ("", service)


def pay(parts: Sequence[Part], *, lane: Lane, services: Mapping[str, Service], now: datetime) -> bool:
    """Draw what `parts`, just claimed and all of one school, cost, and say whether all limits were open.

    The claim saw them open, but another one may have closed one since; then the caller takes all of it back.
    A vital lane neither waits for an outside service's limit nor pays it: leave room for it there.
    """
    due = [(limit, amount) for limit, amount in drawn(parts, lane=lane, services=services) if amount]
    left = _draw(due, now=now)
    return all(left[limit.name] + amount >= -amount * ROUNDING for limit, amount in due)


def give_back(part: Part, *, lane: Lane, services: Mapping[str, Service], now: datetime) -> None:
    """Put back what is left of `part`, which goes to its line: its next claim pays that.

    A limit that nobody has drawn on gets nothing, for it was set meanwhile.
    """
    left = [(limit, -amount) for limit, amount in drawn([part], lane=lane, services=services) if amount]
    known = Bucket.objects.filter(name__in=[limit.name for limit, _ in left])
    names = set(known.values_list("name", flat=True)) if left else set()
    _draw([(limit, amount) for limit, amount in left if limit.name in names], now=now)


def _draw(due: Sequence[tuple[Limit, float]], *, now: datetime) -> dict[str, float]:
    """Draw each amount on its limit, and return what these have then, by name."""
    if not due:
        return {}
    limits = [limit for limit, _ in due]
    values: dict[str, list[str] | list[float] | list[int] | datetime] = {
        "now": now,
        "names": [limit.name for limit in limits],
        "lanes": [limit.lane for limit in limits],
        "schools": [limit.school for limit in limits],
        "services": [limit.service for limit in limits],
        "rates": [limit.rate for limit in limits],
        "bursts": [limit.burst for limit in limits],
        "amounts": [amount for _, amount in due],
    }
    with connection.cursor() as cursor:
        cursor.execute(PAY, values)
        return dict(cursor.fetchall())


def open_services(lane: Lane) -> list[str]:
    """Return the services whose limits may hold parts of the lane back."""
    return [] if lane.is_vital else services()


def closed(*, now: datetime) -> QuerySet[Bucket]:
    """Return the limits that are in debt at `now`."""
    elapsed = Extract(Value(now) - F("filled_at"), "epoch", output_field=FloatField())
    limits = Bucket.objects.exclude(Q(lane="") & Q(service=""))
    return limits.annotate(tokens_now=F("tokens") + F("rate") * elapsed).filter(tokens_now__lt=0)


def opens_in(lane: Lane, *, now: datetime) -> float | None:
    """Return the seconds until the first limit opens that keeps back parts of the lane; None if none does."""
    waiting = Part.objects.filter(lane=lane.name, state=PartState.WAITING).order_by()
    kept_back = (
        Q(Exists(waiting), lane=lane.name, school=None)
        | Q(Exists(waiting.filter(school=OuterRef("school"))), lane=lane.name)
        | Q(Exists(waiting.filter(service=OuterRef("service"))), service__in=open_services(lane))
    )
    limits = closed(now=now).filter(kept_back, rate__gt=0)
    return min((limit.opens_in(now=now) for limit in limits), default=None)


def reckon_anew(settings: Switchyard, *, now: datetime) -> None:
    """Let changed limits hold at once, also those that are closed, and forget those that are no more."""
    for bucket in Bucket.objects.exclude(Q(lane="") & Q(service="")).select_related("school"):
        limit = limit_of(bucket, settings)
        if limit is None:
            bucket.delete()
        elif limit.rate != bucket.rate:
            elapsed = Extract(Value(now) - F("filled_at"), "epoch", output_field=FloatField())
            Bucket.objects.filter(pk=bucket.pk, rate=bucket.rate).update(
                tokens=F("tokens") + F("rate") * elapsed, filled_at=now, rate=limit.rate
            )


def limits_lane(settings: Switchyard, lane: Lane) -> bool:
    """Whether any limit may hold parts of the lane back."""
    return lane.names_schools or any(limits_on(lane, school=0, services=settings.services.values()))


def limits_now(lane: Lane) -> str:
    """Return all limits that may hold parts of the lane back as a text that changes when one of them does."""
    limits = limits_on(lane, school=0, services=switchyard().services.values())
    own = [
        f"{name}={sorted(getattr(lane, name).items())}" for _, _, name in SCHOOL_RATES if lane.names_schools
    ]
    return " ".join([*(f"{limit.name}={limit.rate:g}" for limit in limits), *own])


def limits_on(
    lane: Lane, *, school: int | None, slug: str = "", services: Iterable[Service]
) -> Iterator[Limit]:
    """Return the limits on which work of `school`, also named by its `slug`, in `lane` draws for `services`.

    None for the school gives those that all schools share. The slug may be left out of a lane where no school
    has a limit of its own.
    """
    yield from _lane_limits(lane)
    if school is not None:
        yield from _school_limits(lane, school=school, slug=slug)
    if not lane.is_vital:
        for service in services:
            yield from limits_of(service)


def drawn(
    parts: Sequence[Part], *, lane: Lane, services: Mapping[str, Service]
) -> Iterator[tuple[Limit, float]]:
    """Return what `parts`, all of one school, draw on which limits."""
    if not parts:
        return
    named = [services[name] for name in {part.service for part in parts} if name in services]
    school, slug = parts[0].school_id, parts[0].school.slug if lane.names_schools else ""
    for limit in limits_on(lane, school=school, slug=slug, services=named):
        concerned = [part for part in parts if limit.concerns(part.service)]
        yield limit, sum(_left_of(part, in_bytes=limit.counts_bytes) for part in concerned)


def _left_of(part: Part, *, in_bytes: bool) -> float:
    """Return what is left of a part.

    What it had done when it was given back was paid by that claim; a kind that begins anew does it again.
    """
    done = part.units_done + part.units_failed if goes_on(part.kind or part.job.kind) else 0
    left = max(0, part.units - done)
    return part.bytes * left / max(1, part.units) if in_bytes else left


def _lane_limits(lane: Lane) -> Iterator[Limit]:
    for measure, setting, burst in (("units", "rate", lane.burst), ("bytes", "bytes_rate", lane.bytes_burst)):
        rate = getattr(lane, setting)
        if rate is not None:
            name, path = f"lane:{lane.name}:{measure}", ("lanes", lane.name, setting)
            yield Limit(name=name, path=path, rate=rate, burst=burst or rate, lane=lane.name)


def _school_limits(lane: Lane, *, school: int, slug: str) -> Iterator[Limit]:
    for measure, setting, rate in lane.limits_of_school(slug):
        if rate is not None:
            name, path = f"school:{lane.name}:{school}:{measure}", ("lanes", lane.name, setting)
            yield Limit(name=name, path=path, rate=rate, burst=rate, lane=lane.name, school=school)


def limits_of(service: Service) -> Iterable[Limit]:
    """Return the limits of an outside service, over all lanes."""
    rates = (("units", "rate", service.burst), ("bytes", "bytes_rate", service.bytes_burst))
    for measure, setting, burst in rates:
        rate = getattr(service, setting)
        if rate is not None:
            yield Limit(
                name=f"service:{service.name}:{measure}",
                path=("services", service.name, setting),
                rate=rate,
                burst=burst or rate,
                service=service.name,
            )


def limit_of(bucket: Bucket, settings: Switchyard) -> Limit | None:
    """Return the limit whose tokens `bucket` holds; None when the settings have it no more."""
    return next((limit for limit in _limits_like(bucket, settings) if limit.name == bucket.name), None)


def _limits_like(bucket: Bucket, settings: Switchyard) -> Iterable[Limit]:
    if bucket.service:
        return limits_of(settings.services[bucket.service]) if bucket.service in settings.services else ()
    lane = settings.lanes.get(bucket.lane)
    if lane is None:
        return ()
    school = bucket.school
    return _school_limits(lane, school=school.pk, slug=school.slug) if school else _lane_limits(lane)
