"""For the other apps' tests: schools and people to act, and parts worked on without a worker."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any
from unittest import mock

from django.conf import settings
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from jobs import execution, leases, publishing, registry
from jobs.models import PLATFORM_ROLES, Breaker, BreakerState, Person, Role, School, WorkerPresence
from jobs.registry import Kind
from jobs.settings import switchyard
from jobs.supervision import wake_delayed

_numbers = count(1)

PASSWORD = "correct horse battery staple"  # noqa: S105  (test people only)
"""The password of every person that `make_person` makes."""


def make_school(*, name: str = "Test University") -> School:
    """Make a school with a slug of its own."""
    return School.objects.create(name=name, slug=f"school-{next(_numbers)}")


def make_person(
    *, school: School | None = None, role: str = Role.STAFF, email: str = "", name: str = "Test Person"
) -> Person:
    """Make a person; who works for a school and has none gets a new one."""
    if school is None and role not in PLATFORM_ROLES:
        school = make_school()
    address = email or f"person-{next(_numbers)}@school.example"
    return Person.objects.create_user(email=address, password=PASSWORD, name=name, school=school, role=role)


def be_present(*, slots: int = 4) -> None:
    """Let a worker of the lane mail be present now."""
    now = timezone.now()
    WorkerPresence.objects.create(name="mail@here", lane="mail", slots=slots, started_at=now, beat_at=now)


def run_parts(*, lane: str | None = None, limit: int = 1000) -> int:
    """Claim and work on parts in this process until none is claimable; return how many.

    Raises:
        AssertionError: `limit` parts were done and there is still one.
    """
    lanes = [lane] if lane else list(switchyard().lanes)
    done = 0
    # The keeper's thread does not see the rows of the test's transaction and would take them for lost.
    with mock.patch.object(leases.keeper, "_extend"):
        while any(execution.answer(lane=name, worker="test") for name in lanes):
            done += 1
            if done > limit:
                message = f"After {limit} parts there is still one to do."
                raise AssertionError(message)
    return done


def let_time_come() -> int:
    """Let the time of all delayed parts come, retries and scheduled starts; return how many.

    The pauses of open breakers are over too.
    """
    Breaker.objects.exclude(state=BreakerState.CLOSED).update(retry_at=F("opened_at"))
    return wake_delayed(now=timezone.now() + timedelta(days=365))


def wait_until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Return as soon as `condition` holds.

    Raises:
        AssertionError: it did not hold within `seconds`.
    """
    began = time.monotonic()
    pause = threading.Event()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            message = f"It did not come true within {seconds} seconds."
            raise AssertionError(message)
        # A look may cost as much as a pause; what took so long already may be seen a little later.
        pause.wait(0.02 if waited < 1 else 0.1)


@contextmanager
def heard_doorbells() -> Iterator[list[tuple[str, str, int]]]:
    """Collect the doorbells rung within the block, as (lane, kind, times), instead of sending them."""
    heard: list[tuple[str, str, int]] = []

    def hear(*, lane: str, kind: str, times: int = 1) -> bool:
        heard.append((lane, kind, times))
        return True

    with mock.patch.object(publishing, "ring", hear):
        yield heard


@contextmanager
def kind_in_lane(kind_class: type[Kind], *, name: str, lane: str) -> Iterator[Kind]:
    """Register `kind_class` as the kind `name`, routed to `lane`, within the block."""
    given: dict[str, Any] = settings.SWITCHYARD
    registry.register(name)(kind_class)
    try:
        routes = [*given["routes"], {"kind": name, "lane": lane}]
        with override_settings(SWITCHYARD={**given, "routes": routes}):
            yield registry.kind_named(name)
    finally:
        registry.forget(name)
