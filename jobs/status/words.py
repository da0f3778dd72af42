"""What is told of an incident, in plain sentences with figures. No school and no person is named in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.amounts import length
from jobs.language import gettext as _
from jobs.language import listed
from jobs.status.samples import BROKER, DATABASE, WORKERS


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What is known of one component that an incident concerns."""

    title: str
    """As the status page calls it."""
    wait_seconds: float
    """The longest wait now."""
    promise_seconds: float
    """The longest that is promised, of the lane with that wait."""
    is_late: bool


LEAST_SHOWN = 0.01
"""Seconds; less than that is nothing that a person can tell apart."""


def moment(at: datetime) -> str:
    """Return the time of day of `at`, which is in the zone that is to be told: `14:05 UTC`."""
    return f"{at:%H:%M} {at.tzname()}"


def title_of(cause: str, titles: Sequence[str]) -> str:
    """Return the title of an incident that concerns the components with these `titles`."""
    concerned = listed(titles) if titles else ""
    if cause == BROKER:
        return _("The platform's message broker does not answer")
    if cause == WORKERS:
        return _("No workers for: {concerned}").format(concerned=concerned)
    if cause == DATABASE:
        return _("The platform could not be reached")
    if cause.startswith("service:"):
        return _("{service} does not answer: {concerned}").format(
            service=_service(cause, is_first=True), concerned=concerned
        )
    return _("Longer waits than promised: {concerned}").format(concerned=concerned)


def told_of_opening(cause: str, facts: Sequence[Fact], *, since: datetime) -> str:
    """Return the first update."""
    return " ".join([_what_is_wrong(cause, facts, since=since), _what_is_done(cause)])


def told_of_change(cause: str, facts: Sequence[Fact], *, change: str) -> str:
    """Return the update after something became known: `change` is a sentence of what."""
    return " ".join(filter(None, [change, _figures(facts), _what_is_done(cause)]))


def told_of_no_change(facts: Sequence[Fact], *, since: datetime, now: datetime) -> str:
    """Return the update after some time in which nothing changed."""
    lasts = _("It lasts, for {length} by now.").format(length=length(now - since))
    return f"{lasts} {_figures(facts) or _('No wait is too long yet.')}"


def told_of_calm(facts: Sequence[Fact], *, since: datetime, calm: timedelta) -> str:
    """Return the update once nothing is wrong any more."""
    waits = max((fact.wait_seconds for fact in facts), default=0.0)
    return _(
        "All promises hold again since {moment}; the longest wait is {seconds}. What had waited goes "
        "on by itself. We watch it for another {length}."
    ).format(moment=moment(since), seconds=seconds(waits), length=length(calm))


def told_of_relapse(wrong: Sequence[tuple[str, Sequence[Fact], datetime]]) -> str:
    """Return the update when it began again while it was watched: `wrong` is each cause, and since when."""
    parts = [told_of_opening(cause, facts, since=since) for cause, facts, since in wrong]
    return " ".join([_("It began again."), *parts])


def told_of_end(*, started: datetime, calm: datetime, worst_seconds: float) -> str:
    """Return the last update: it lasted from `started` to `calm`."""
    lasted = _("It is over: it lasted {length}, from {start} to {end}.").format(
        length=length(calm - started), start=moment(started), end=moment(calm)
    )
    worst = _("The longest wait was {length}.").format(length=seconds(worst_seconds)) if worst_seconds else ""
    return " ".join(filter(None, [lasted, worst, _("Nothing that was asked for was lost.")]))


def told_of_outage(*, started: datetime, ended: datetime) -> str:
    """Return the one update of an outage of the database, which nobody could write down meanwhile."""
    return _(
        "From {start} to {end}, for {length}, the platform's database did not answer: its pages "
        "and jobs stood still. What had been asked for was kept, and went on afterwards."
    ).format(start=moment(started), end=moment(ended), length=length(ended - started))


def told_of_cause(cause: str) -> str:
    """Return, as a sentence, that the cause is known."""
    if cause == BROKER:
        return _("The cause is known: the platform's message broker does not answer.")
    if cause == WORKERS:
        return _("The cause is known: workers are missing.")
    if cause.startswith("service:"):
        return _("The cause is known: {service} does not answer.").format(service=_service(cause))
    return _("The cause is being looked for.")


def seconds(span: float) -> str:
    """Return a wait in words: `less than a second`, `42 seconds`, `6 minutes`."""
    return _("less than a second") if span < 1 else length(timedelta(seconds=span))


def short(span: float) -> str:
    """Return what one unit or call took: `less than 0.01 s`, `0.25 s`, `3 s`."""
    if span < LEAST_SHOWN:
        return _("less than {seconds} s").format(seconds=LEAST_SHOWN)
    return _("{seconds} s").format(seconds=f"{round(span, 2):.3g}")


def _what_is_wrong(cause: str, facts: Sequence[Fact], *, since: datetime) -> str:
    concerned, at = listed([fact.title for fact in facts]), moment(since)
    figures = _figures(facts)
    if cause == BROKER:
        words = _(
            "Since {at} the message broker of the platform has not answered. It concerns: {concerned}."
        ).format(at=at, concerned=concerned)
    elif cause == WORKERS:
        words = _("Since {at} no worker has been there for: {concerned}.").format(at=at, concerned=concerned)
    elif cause.startswith("service:"):
        words = _(
            "Since {at} {service}, which is outside of the platform, has not answered. "
            "It concerns: {concerned}."
        ).format(at=at, service=_service(cause), concerned=concerned)
    else:
        words = _("Since {at} waits are longer than promised.").format(at=at)
    return f"{words} {figures}".strip()


def _figures(facts: Sequence[Fact]) -> str:
    return " ".join(
        _("{title}: the longest wait is {wait} now, {promise} at most are promised.").format(
            title=fact.title, wait=seconds(fact.wait_seconds), promise=seconds(fact.promise_seconds)
        )
        for fact in facts
        if fact.is_late
    )


def _what_is_done(cause: str) -> str:
    if cause == BROKER:
        return _("Nothing is lost: what is asked for is kept in the database, and goes on once it answers.")
    if cause == WORKERS:
        return _("The platform starts workers anew by itself. Nothing is lost: what waits goes on with them.")
    if cause.startswith("service:"):
        return _("It is tried again by itself, in longer and longer pauses; what waits for it goes on then.")
    return _("Nothing is lost: what waits is worked on in its order. We are looking for the cause.")


def _service(cause: str, *, is_first: bool = False) -> str:
    service = cause.removeprefix("service:")
    return service[:1].upper() + service[1:] if is_first else service
