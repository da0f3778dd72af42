"""What kinds cost is learned from what was done."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import settling
from jobs.learning import learn_costs
from jobs.models import AttemptOutcome, Cost, Part, School
from jobs.testing import kind_in_lane, run_parts
from tests.jobs.conftest import Steps


def done(steps: Any, school: School, *units: int, seconds: float, key: str) -> None:
    """Let a job be done whose parts took so many seconds for each unit."""
    job = steps.submit(school, *units, key=key)
    run_parts(lane="mail")
    for part in job.parts.filter(step="work"):
        Part.objects.filter(pk=part.pk).update(seconds=part.units * seconds)


def test_cost_is_learned_from_parts_that_were_done(steps: Any, school: School) -> None:
    done(steps, school, *[10] * 8, seconds=0.5, key="one")
    assert learn_costs(now=timezone.now()) == 8
    cost = Cost.objects.get(kind="tests.steps")
    assert cost.unit_seconds == pytest.approx(0.5)
    assert (cost.units, cost.parts, cost.lately) == (80, 8, 1)


def test_parts_are_learned_from_once(steps: Any, school: School) -> None:
    done(steps, school, 10, seconds=0.5, key="one")
    assert [learn_costs(now=timezone.now()), learn_costs(now=timezone.now())] == [1, 0]
    done(steps, school, 10, 10, seconds=0.5, key="two")
    assert learn_costs(now=timezone.now()) == 2


def test_part_that_was_tried_again_teaches_nothing(steps: Any, school: School) -> None:
    done(steps, school, 10, seconds=9, key="one")
    Part.objects.update(attempt=2)
    assert learn_costs(now=timezone.now()) == 0


def test_kind_does_as_usual_again_when_nothing_was_slow_lately(steps: Any, school: School) -> None:
    done(steps, school, 10, seconds=0.5, key="one")
    now = timezone.now()
    learn_costs(now=now)
    Cost.objects.update(lately=12)
    learn_costs(now=now + timedelta(minutes=11))
    assert Cost.objects.get().lately == 1


def test_slow_spell_is_forgotten_though_nothing_more_of_the_kind_is_done(steps: Any, school: School) -> None:
    done(steps, school, *[10] * 8, seconds=0.5, key="usual")
    learn_costs(now=timezone.now())
    for key in ("slow", "slower"):
        done(steps, school, *[10] * 8, seconds=5, key=key)
    learn_costs(now=timezone.now())
    assert Cost.objects.get().lately == pytest.approx(10)
    assert learn_costs(now=timezone.now() + timedelta(minutes=4)) == 0
    assert Cost.objects.get().lately < 1.1


def test_look_costs_few_queries_however_many_parts_and_kinds(
    steps: Any, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with kind_in_lane(type("Others", (Steps,), {}), name="tests.others", lane="bulk") as others:
        for number in range(5):
            done(steps, school, *[10] * 5, seconds=0.5, key=f"{number}")
            others.submit(school, 1, key=f"{number}")  # type: ignore[attr-defined]  # a kind of the tests
        run_parts(lane="bulk")
        with django_assert_max_num_queries(6):
            assert learn_costs(now=timezone.now()) == 30
    assert set(Cost.objects.values_list("kind", flat=True)) == {"tests.steps", "tests.others"}


def test_part_that_was_handed_back_teaches_nothing(steps: Any, school: School) -> None:
    done(steps, school, 10, seconds=9, key="one")
    part = Part.objects.get(step="work")
    Part.objects.filter(pk=part.pk).update(fence=2)
    settling.note_attempt(part, outcome=AttemptOutcome.HANDED_BACK, error="", now=timezone.now())
    assert learn_costs(now=timezone.now()) == 0
