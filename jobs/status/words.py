"""What is told of an incident, in plain sentences with figures. No school and no person is named in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.amounts import length
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


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: `a`, `a and b`, `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def moment(at: datetime) -> str:
    """Return the time of day of `at`, which is in the zone that is to be told: `14:05 UTC`."""
    return f"{at:%H:%M} {at.tzname()}"


def title_of(cause: str, titles: Sequence[str]) -> str:
    """Return the title of an incident that concerns the components with these `titles`."""
    concerned = listed(titles) if titles else ""
    if cause == BROKER:
        return "The platform's message broker does not answer"
    if cause == WORKERS:
        return f"No workers for: {concerned}"
    if cause == DATABASE:
        return "The platform could not be reached"
    if cause.startswith("service:"):
        return f"{_service(cause, is_first=True)} does not answer: {concerned}"
    return f"Longer waits than promised: {concerned}"


def told_of_opening(cause: str, facts: Sequence[Fact], *, since: datetime) -> str:
    """Return the first update."""
    return " ".join([_what_is_wrong(cause, facts, since=since), _what_is_done(cause)])


def told_of_change(cause: str, facts: Sequence[Fact], *, change: str) -> str:
    """Return the update after something became known: `change` is a sentence of what."""
    return " ".join(filter(None, [change, _figures(facts), _what_is_done(cause)]))


def told_of_no_change(facts: Sequence[Fact], *, since: datetime, now: datetime) -> str:
    """Return the update after some time in which nothing changed."""
    return f"It lasts, for {length(now - since)} by now. {_figures(facts) or 'No wait is too long yet.'}"


def told_of_calm(facts: Sequence[Fact], *, since: datetime, calm: timedelta) -> str:
    """Return the update once nothing is wrong any more."""
    waits = max((fact.wait_seconds for fact in facts), default=0.0)
    return (
        f"All promises hold again since {moment(since)}; the longest wait is {seconds(waits)}. "
        f"What had waited goes on by itself. We watch it for another {length(calm)}."
    )


def told_of_relapse(wrong: Sequence[tuple[str, Sequence[Fact], datetime]]) -> str:
    """Return the update when it began again while it was watched: `wrong` is each cause, and since when."""
    parts = [told_of_opening(cause, facts, since=since) for cause, facts, since in wrong]
    return " ".join(["It began again.", *parts])


def told_of_end(*, started: datetime, calm: datetime, worst_seconds: float) -> str:
    """Return the last update: it lasted from `started` to `calm`."""
    worst = f" The longest wait was {seconds(worst_seconds)}." if worst_seconds else ""
    return (
        f"It is over: it lasted {length(calm - started)}, from {moment(started)} to {moment(calm)}.{worst} "
        "Nothing that was asked for was lost."
    )


def told_of_outage(*, started: datetime, ended: datetime) -> str:
    """Return the one update of an outage of the database, which nobody could write down meanwhile."""
    return (
        f"From {moment(started)} to {moment(ended)}, for {length(ended - started)}, the platform's database "
        "did not answer: its pages and jobs stood still. What had been asked for was kept, and went on "
        "afterwards."
    )


def told_of_cause(cause: str) -> str:
    """Return, as a sentence, that the cause is known."""
    if cause == BROKER:
        return "The cause is known: the platform's message broker does not answer."
    if cause == WORKERS:
        return "The cause is known: workers are missing."
    if cause.startswith("service:"):
        return f"The cause is known: {_service(cause)} does not answer."
    return "The cause is being looked for."


def seconds(span: float) -> str:
    """Return a wait in words: `less than a second`, `42 seconds`, `6 minutes`."""
    return "less than a second" if span < 1 else length(timedelta(seconds=span))


def _what_is_wrong(cause: str, facts: Sequence[Fact], *, since: datetime) -> str:
    concerned, at = listed([fact.title for fact in facts]), moment(since)
    figures = _figures(facts)
    if cause == BROKER:
        words = f"Since {at} the message broker of the platform has not answered. It concerns: {concerned}."
    elif cause == WORKERS:
        words = f"Since {at} no worker has been there for: {concerned}."
    elif cause.startswith("service:"):
        words = f"Since {at} {_service(cause)}, which is outside of the platform, has not answered."
        words += f" It concerns: {concerned}."
    else:
        words = f"Since {at} waits are longer than promised."
    return f"{words} {figures}".strip()


def _figures(facts: Sequence[Fact]) -> str:
    return " ".join(
        f"{fact.title}: the longest wait is {seconds(fact.wait_seconds)} now, "
        f"{seconds(fact.promise_seconds)} at most are promised."
        for fact in facts
        if fact.is_late
    )


def _what_is_done(cause: str) -> str:
    if cause == BROKER:
        return "Nothing is lost: what is asked for is kept in the database, and goes on once it answers."
    if cause == WORKERS:
        return "The platform starts workers anew by itself. Nothing is lost: what waits goes on with them."
    if cause.startswith("service:"):
        return "It is tried again by itself, in longer and longer pauses; what waits for it goes on then."
    return "Nothing is lost: what waits is worked on in its order. We are looking for the cause."


def _service(cause: str, *, is_first: bool = False) -> str:
    service = cause.removeprefix("service:")
    return service[:1].upper() + service[1:] if is_first else service
