"""A worker's sign of life."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs import memory, presence
from jobs.models import WorkerPresence
from jobs.presence import Beat
from jobs.stints import LEAST_PARTS
from jobs.testing import wait_until


@pytest.mark.django_db(transaction=True)
def test_worker_says_that_it_lives_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "BEAT_SECONDS", 0.01)
    beat = Beat(worker="codes@host-1", lane="codes", slots=2, now=timezone.now())
    beat.start()
    wait_until(lambda: WorkerPresence.objects.filter(lane="codes", slots=2).exists())
    first = WorkerPresence.objects.get().beat_at
    wait_until(lambda: WorkerPresence.objects.get().beat_at > first)
    beat.resize(5, kept_back=3)
    wait_until(lambda: WorkerPresence.objects.filter(slots=5, slots_kept_back=3).exists())
    beat.stop()
    assert not WorkerPresence.objects.exists()


@pytest.mark.django_db
def test_second_beat_moves_the_row_of_the_first() -> None:
    now = timezone.now()
    beat = Beat(worker="codes@host-1", lane="codes", slots=2, now=now)
    assert beat.say(now=now)
    assert beat.say(now=now + timedelta(seconds=2))
    assert WorkerPresence.objects.get().beat_at == now + timedelta(seconds=2)


@pytest.mark.django_db(transaction=True)
def test_database_that_is_away_for_a_moment_ends_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    beat = Beat(worker="codes@host-1", lane="codes", slots=2, now=now)
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    end_backend(backend)
    assert not beat.say(now=now)
    assert beat.say(now=now)


def end_backend(backend: int) -> None:
    """End another connection's server process, as a restart of the database does."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    finally:
        other.close()


def test_worker_that_never_got_ready_has_nothing_to_take_back() -> None:
    Beat(worker="codes@host-1", lane="codes", slots=2, now=timezone.now()).stop()


@pytest.mark.django_db(transaction=True)
def test_wish_to_end_holds_up_nobody_and_is_told_at_once() -> None:
    now = timezone.now()
    beat = Beat(worker="codes@host-1", lane="codes", slots=2, now=now)
    beat.start()
    wait_until(WorkerPresence.objects.exists)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        WorkerPresence.objects.select_for_update().get()
        pool.submit(beat.hand_back, at=now).result(timeout=5)  # in the handler of a signal
    wait_until(lambda: WorkerPresence.objects.filter(hand_back_at=now).exists(), seconds=1)
    beat.stop()


@pytest.mark.django_db
def test_worker_tells_its_memory_with_that_of_its_children_and_when_it_has_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "own_bytes", lambda _process: 3 << 30)
    monkeypatch.setattr(memory, "all_children_bytes", lambda: 1 << 30)
    monkeypatch.setattr(presence.stint, "parts", 0)
    now = timezone.now()
    for has_children, told in ((False, 3 << 30), (True, 4 << 30)):
        beat = Beat(worker="bulk@host-1", lane="bulk", slots=2, now=now, has_children=has_children)
        beat.weigh()
        assert beat.say(now=now)
        there = WorkerPresence.objects.get()
        assert (there.memory_bytes, there.is_outgrown) == (told, False)
    monkeypatch.setattr(presence.stint, "parts", LEAST_PARTS)
    beat.weigh()
    beat.say(now=now)
    assert WorkerPresence.objects.get().is_outgrown
