"""What supervision observes, each in its own rhythm."""

from datetime import UTC, datetime, timedelta

from jobs.observing import Rhythm

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)


def test_shorter_pause_holds_at_once() -> None:
    turns: list[datetime] = []
    pause = [1e6]
    rhythm = Rhythm(lambda *, now: turns.append(now), pause_seconds=lambda: pause[0])
    for seconds in (0, 5, 10):
        rhythm.take_turn(now=NOW + timedelta(seconds=seconds))
    assert turns == [NOW]
    pause[0] = 10
    rhythm.take_turn(now=NOW + timedelta(seconds=11))
    assert turns == [NOW, NOW + timedelta(seconds=11)]
