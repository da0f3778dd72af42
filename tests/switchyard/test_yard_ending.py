"""The order and the time in which a yard ends."""

import subprocess
from typing import Any

import pytest
from switchyard.yard.ending import end_in_order

NAMES = ("postgres", "valkey", "supervisor", "web", "flower", "mail-catcher")


class FakeChild:
    """A process that ends when it is asked, or only when it is killed."""

    def __init__(self, name: str, events: list[str], *, is_deaf: bool = False) -> None:
        """Write what happens into `events`."""
        self.pid = 0
        self.program = self
        self.name = name
        self.events = events
        self.is_deaf = is_deaf
        self.waits: list[float] = []
        self.has_ended = False

    def poll(self) -> int | None:
        return 0 if self.has_ended else None

    def terminate(self) -> None:
        self.events.append(f"{self.name} asked")
        self._end(unless=self.is_deaf)

    def kill(self) -> None:
        self.events.append(f"{self.name} killed")
        self._end(unless=False)

    def _end(self, *, unless: bool) -> None:
        self.has_ended = self.has_ended or not unless

    def wait(self, timeout: float | None = None) -> int:
        if not self.has_ended:
            assert timeout is not None
            self.waits.append(timeout)
            raise subprocess.TimeoutExpired(self.name, timeout)
        return 0


def ended(*, deaf: tuple[str, ...] = ()) -> tuple[list[str], dict[str, Any], list[str]]:
    """End a yard; return what happened, its processes, and what was said."""
    events: list[str] = []
    said: list[str] = []
    children = {name: FakeChild(name, events, is_deaf=name in deaf) for name in NAMES}
    end_in_order(children, end_others=lambda _deadline: events.append("others ended"), say=said.append)
    return events, children, said


def test_web_ends_first_then_the_workers_and_only_then_what_they_use() -> None:
    events, _, said = ended()
    assert events == [
        "web asked",
        "supervisor asked",
        "flower asked",
        "others ended",
        "mail-catcher asked",
        "valkey asked",
        "postgres asked",
    ]
    assert said == []


def test_workers_that_do_not_end_have_six_seconds_and_their_servers_the_rest() -> None:
    events, children, said = ended(deaf=("supervisor", "postgres"))
    assert events.index("supervisor killed") < events.index("others ended") < events.index("valkey asked")
    assert children["supervisor"].waits == [pytest.approx(7.0, abs=0.1)]
    assert children["postgres"].waits == [pytest.approx(9.3, abs=0.1)]
    assert said == [
        "supervisor did not end in time and was killed.",
        "postgres did not end in time and was killed.",
    ]


def test_web_that_answers_its_last_pages_does_not_keep_the_workers_waiting() -> None:
    events, children, _ = ended(deaf=("web",))
    assert events[:2] == ["web asked", "supervisor asked"]
    assert children["web"].waits == [pytest.approx(0.5, abs=0.1), pytest.approx(7.0, abs=0.1)]
    assert "web killed" in events


def test_yard_that_ends_while_it_starts_ends_what_there_is() -> None:
    events: list[str] = []
    end_in_order(
        {"postgres": FakeChild("postgres", events)}, end_others=lambda _deadline: None, say=events.append
    )
    assert events == ["postgres asked"]
