"""Rules lead jobs by what they are expected to cost, before they have begun."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.appraising import costs_for_routes
from jobs.models import Cost, School


@pytest.fixture(autouse=True)
def _rules(steps: Any) -> Iterator[None]:
    """Long jobs go to the lane bulk, those of a kind that is slow lately to bulk-slow."""
    Cost.objects.create(kind="tests.steps", unit_seconds=0.5, units=100, learned_at=timezone.now())
    given: dict[str, Any] = settings.SWITCHYARD
    rules = [
        {"kind": "tests.steps", "slower_than": 10, "lane": "bulk-slow"},
        {"kind": "tests.steps", "expected_seconds_over": 100, "lane": "bulk"},
    ]
    with override_settings(SWITCHYARD={**given, "routes": [*rules, *given["routes"]]}):
        yield


def test_job_that_will_take_long_takes_its_own_lane(steps: Any, school: School) -> None:
    assert steps.submit(school, 150, units=150).lane == "mail"
    assert steps.submit(school, 250, units=250, key="long").lane == "bulk"


def test_job_of_a_kind_that_is_slow_lately_takes_the_slow_lane(steps: Any, school: School) -> None:
    Cost.objects.update(lately=12)
    assert steps.submit(school, 5, units=5).lane == "bulk-slow"


def test_nothing_is_expected_of_a_kind_of_which_nothing_was_learned(steps: Any, school: School) -> None:
    Cost.objects.all().delete()
    assert steps.submit(school, 250, units=250).lane == "mail"


def test_kinds_whose_rules_ask_for_no_cost_cost_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert costs_for_routes(["emails.code", "emails.mailing"]) == {}
