"""What the yard takes for an answer of its programs."""

import pytest
from django.db import connection
from django.utils import timezone
from switchyard.yard.answers import all_lanes_answer

from jobs.models import WorkerPresence
from jobs.settings import switchyard


@pytest.mark.django_db(transaction=True)
def test_lanes_answer_when_each_has_a_worker_that_is_new() -> None:
    began = timezone.now()
    assert not all_lanes_answer(since=began)
    for lane in switchyard().lanes:
        now = timezone.now()
        WorkerPresence.objects.create(name=f"{lane}@here", lane=lane, slots=1, started_at=now, beat_at=now)
    assert all_lanes_answer(since=began)
    assert not all_lanes_answer(since=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_no_lane_answers_while_the_database_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    with monkeypatch.context() as nobody_there:
        nobody_there.setitem(connection.settings_dict, "PORT", "1")
        assert not all_lanes_answer(since=timezone.now())
