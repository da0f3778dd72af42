"""A rule that can never take a job is found, with the rule above it that takes all of its jobs."""

from typing import Any

import pytest

from jobs.covering import covered_rules
from jobs.rules import read_rules

ANY: dict[str, Any] = {"kind": "emails.mailing", "lane": "bulk"}


def is_covered(below: dict[str, Any], *, above: dict[str, Any]) -> bool:
    """Say whether the rule `below` never takes a job behind the one `above`; both are of one kind."""
    return bool(covered_rules(read_rules([{**ANY, **above}, {**ANY, **below}])))


def test_rule_below_one_that_takes_all_of_its_kind_is_never_reached() -> None:
    rules = read_rules([ANY, {**ANY, "school": "northfield"}, {"kind": "emails.code", "lane": "codes"}])
    assert covered_rules(rules) == [(rules[1], rules[0])]


def test_first_of_several_rules_that_cover_one_is_named() -> None:
    rules = read_rules([{**ANY, "at_least": {"units": 9}}, {**ANY, "at_least": {"units": 5}}, ANY, ANY])
    assert [(rule.place, above.place) for rule, above in covered_rules(rules)] == [(4, 3)]


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ({}, {}),
        ({}, {"lane": "mail"}),
        ({"school": "northfield"}, {"school": "northfield", "slower_than": 3}),
        ({"at_least": {"units": 100}}, {"at_least": {"units": 100}}),
        ({"at_least": {"units": 100}}, {"at_least": {"units": 500}, "at_most": {"units": 900}}),
        ({"at_least": {"recipients": 0}}, {"at_most": {"recipients": 50}}),
        ({"at_most": {"recipients": 50}}, {"at_most": {"recipients": 20}}),
        ({"slower_than": 3}, {"slower_than": 10}),
        ({"expected_seconds_over": 60}, {"expected_seconds_over": 60, "school": "northfield"}),
    ],
)
def test_rule_without_a_wider_condition_is_covered(above: dict[str, Any], below: dict[str, Any]) -> None:
    assert is_covered(below, above=above)


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ({"school": "northfield"}, {}),
        ({"school": "northfield"}, {"school": "southfield"}),
        ({"at_least": {"units": 100}}, {"at_least": {"units": 99}}),
        ({"at_least": {"units": 0}}, {}),
        ({"at_least": {"recipients": 10}}, {"at_most": {"recipients": 50}}),
        ({"at_most": {"recipients": 50}}, {"at_most": {"recipients": 51}}),
        ({"at_most": {"units": 50}}, {"at_least": {"units": 20}}),
        ({"slower_than": 3}, {"slower_than": 2}),
        ({"slower_than": 3}, {"expected_seconds_over": 60}),
        ({"kind": "emails.code"}, {"school": "northfield"}),
    ],
)
def test_rule_with_a_job_of_its_own_is_not_covered(above: dict[str, Any], below: dict[str, Any]) -> None:
    assert not is_covered(below, above=above)
