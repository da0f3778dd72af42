"""Breakers: work stops asking an outside service that fails, and finds out when it works again.

As in "Release It!" (Nygard, 2018): after some failures in a row the breaker opens, and visits are
refused at once. When its pause has passed it is half open: one visit, the probe, goes through. A
success closes it, a failure of the probe opens it again for twice as long.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Breaker, BreakerState
from jobs.retries import TemporaryFailure
from jobs.settings import switchyard

log = structlog.get_logger()

PROBE = timedelta(seconds=60)
"""A probe of which nothing was heard for this long is given up: its worker may have died."""
SUCCESS_SECONDS = 1.0
"""One visit writes down a success at most this often."""
AN_OUTSIDE_SERVICE = gettext_lazy("an outside service")


class ServiceClosed(TemporaryFailure):
    """The breaker of an outside service is open: the part waits until `retry_at`, without being tried."""

    def __init__(self, breaker: Breaker, *, retry_at: datetime) -> None:
        """Say that the service of `breaker` is asked again at `retry_at`."""
        super().__init__(
            _("{last_failure} It is tried again when the service answers.").format(
                last_failure=breaker.last_failure
            )
        )
        self.service = breaker.name
        self.retry_at = retry_at


class Visit:
    """One visit to a service, within which the visitor says how the service did."""

    def __init__(
        self, service: str, *, longest_pause_seconds: float, probe: Breaker | None, called: str = ""
    ) -> None:
        """Visit `service`, `called` so on pages; as a probe, with its breaker as it was found."""
        self.service = service
        self.called = called or str(AN_OUTSIDE_SERVICE)
        self._asked_at: float | None = None
        self._longest_pause_seconds = longest_pause_seconds
        self._probe = probe
        self._worked_at: float | None = None
        self._is_over = False

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask the service something within the block, and wait for its answer."""
        self._asked_at = monotonic()
        try:
            yield
        finally:
            self._asked_at = None

    @property
    def silent_seconds(self) -> float:
        """How long the service has not answered what it was asked; 0 while nothing is."""
        asked_at = self._asked_at
        return 0.0 if asked_at is None else monotonic() - asked_at

    def worked(self) -> None:
        """Note that the service did its work, whatever it answered: its breaker closes."""
        is_noted = self._worked_at is not None and monotonic() - self._worked_at < SUCCESS_SECONDS
        if self._is_over or is_noted:
            return
        self._worked_at, self._probe = monotonic(), None
        troubled = self._breaker().exclude(state=BreakerState.CLOSED, failures=0)
        if troubled.update(state=BreakerState.CLOSED, failures=0, opened_at=None, retry_at=None):
            log.info("breaker_closed", service=self.service)

    def follows_failure(self) -> bool:
        """Say whether the service has failed and done nothing since: who visits it now may be careful."""
        return self._breaker().filter(failures__gt=0).exists()

    def failed(self, words: str, *, now: datetime) -> None:
        """Note that the service itself failed; `words` are a sentence without personal data."""
        if self._is_over:
            return
        self._worked_at = None
        Breaker.objects.get_or_create(name=self.service)
        self._breaker().update(failures=F("failures") + 1, last_failure=words)
        settings = switchyard().breakers
        if self._probe is not None:
            self._open(self._as_probe(), pause_seconds=self._probe.pause_seconds * 2, now=now)
            self._probe = None
            return
        fallen = self._breaker().filter(state=BreakerState.CLOSED, failures__gte=settings.failures)
        self._open(fallen, pause_seconds=settings.first_pause_seconds, now=now, opened_at=now)

    def give_up(self, words: str, *, now: datetime) -> None:
        """Note that the visit did not end in its time; what the visitor says later counts no more."""
        self.failed(words, now=now)
        self._is_over = True

    def leave(self) -> None:
        """End the visit; after a probe of which nothing was learned another one may begin at once."""
        if self._probe is not None and not self._is_over:
            self._as_probe().update(state=BreakerState.OPEN, retry_at=F("opened_at"))
        self._is_over = True

    def _breaker(self) -> QuerySet[Breaker]:
        return Breaker.objects.filter(name=self.service)

    def _as_probe(self) -> QuerySet[Breaker]:
        assert self._probe is not None  # noqa: S101 - both callers have asked
        return self._breaker().filter(state=BreakerState.HALF_OPEN, probe=self._probe.probe + 1)

    def _open(
        self, breaker: QuerySet[Breaker], *, pause_seconds: float, now: datetime, **more: datetime
    ) -> None:
        pause_seconds = min(pause_seconds, self._longest_pause_seconds)
        retry_at = now + timedelta(seconds=pause_seconds)
        if breaker.update(state=BreakerState.OPEN, pause_seconds=pause_seconds, retry_at=retry_at, **more):
            log.warning("breaker_opened", service=self.service, pause_seconds=pause_seconds)


_visits: ContextVar[list[Visit] | None] = ContextVar("visits", default=None)


@contextmanager
def noting(visits: list[Visit]) -> Iterator[None]:
    """Keep in `visits` those that are under way within the block, for whoever may give the block up."""
    token = _visits.set(visits)
    try:
        yield
    finally:
        _visits.reset(token)


def blame(visits: Iterable[Visit], *, words: str, now: datetime) -> None:
    """Count a failure of each service that work did not come back from in its time."""
    for visit in list(visits):
        visit.give_up(words, now=now)


@contextmanager
def guarding(
    service: str, *, now: datetime, longest_pause_seconds: float | None = None, called: str = ""
) -> Iterator[Visit]:
    """Visit `service` (`relay:host:port`, `webhook:host:port`) within the block, if its breaker allows.

    Pages call it as it is `called`, such as `the mail relay`.

    Call it outside of transactions. One who cannot wait until a service that was away for long is
    asked again gives a `longest_pause_seconds` shorter than the setting.

    Raises:
        ServiceClosed: the service fails and is not asked now.
    """
    longest = switchyard().breakers.longest_pause_seconds
    probe = _let_in(service, now=now)
    pause = min(longest, longest_pause_seconds or longest)
    visit = Visit(service, longest_pause_seconds=pause, probe=probe, called=called)
    under_way = _visits.get()
    if under_way is not None:
        under_way.append(visit)
    try:
        yield visit
    finally:
        visit.leave()
        if under_way is not None:
            under_way.remove(visit)


def troubled() -> list[Breaker]:
    """Return the breakers that are not closed, for the operations page."""
    return list(Breaker.objects.exclude(state=BreakerState.CLOSED))


def _let_in(service: str, *, now: datetime) -> Breaker | None:
    """Let a visit in, as a probe when the breaker's pause has passed; the guarded UPDATE says which one.

    Raises:
        ServiceClosed: the pause has not passed, or another probe is under way.
    """
    found = Breaker.objects.filter(name=service).first()
    if found is None or found.state == BreakerState.CLOSED or found.retry_at is None:
        return None
    if found.retry_at <= now:
        unchanged = Breaker.objects.filter(name=service, probe=found.probe, retry_at=found.retry_at)
        given_up_at = now + PROBE
        if unchanged.update(state=BreakerState.HALF_OPEN, probe=F("probe") + 1, retry_at=given_up_at):
            return found
        raise ServiceClosed(found, retry_at=given_up_at)
    raise ServiceClosed(found, retry_at=found.retry_at)
