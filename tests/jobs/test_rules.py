"""Rules are tried in order, and the first that takes a job decides its lane."""

from typing import Any

import pytest

from jobs.rules import Example, NoRoute, first_rule, read_rules
from jobs.setting_fields import WrongSetting

LAST = {"kind": "emails.mailing", "lane": "bulk"}


def lane_of(rule: dict[str, Any], **example: Any) -> str:
    """Return the lane of a mailing under `rule` and a last rule to bulk."""
    rules = read_rules([{"kind": "emails.mailing", "lane": "mail", **rule}, LAST])
    return first_rule(rules, Example(kind="emails.mailing", **example)).lane


def test_first_rule_that_takes_the_job_decides() -> None:
    assert lane_of({}) == "mail"
    assert lane_of({"school": "northfield"}, school="northfield") == "mail"
    assert lane_of({"school": "northfield"}, school="southfield") == "bulk"


def test_sizes_bound_a_rule_on_both_sides_and_the_bounds_belong_to_it() -> None:
    rule = {"at_least": {"units": 10}, "at_most": {"units": 20}}
    taken = [lane_of(rule, sizes={"units": units}) for units in (9, 10, 20, 21)]
    assert taken == ["bulk", "mail", "mail", "bulk"]


def test_all_conditions_of_a_rule_must_be_met() -> None:
    rule = {"at_most": {"units": 20, "bytes": 1000}}
    assert lane_of(rule, sizes={"units": 5, "bytes": 1000}) == "mail"
    assert lane_of(rule, sizes={"units": 5, "bytes": 1001}) == "bulk"


@pytest.mark.parametrize("rule", [{"at_most": {"bytes": 9}}, {"at_least": {"bytes": 0}}])
def test_size_that_the_job_does_not_tell_meets_no_condition(rule: dict[str, Any]) -> None:
    assert lane_of(rule, sizes={"units": 5}) == "bulk"


def test_slowness_and_expected_seconds_decide_only_once_they_are_learned() -> None:
    assert lane_of({"slower_than": 10}) == "bulk"
    assert lane_of({"slower_than": 10}, times_slower=10) == "bulk"
    assert lane_of({"slower_than": 10}, times_slower=11) == "mail"
    assert lane_of({"expected_seconds_over": 60}) == "bulk"
    assert lane_of({"expected_seconds_over": 60}, expected_seconds=61) == "mail"


def test_kind_without_a_rule_is_told_with_the_nearest_one() -> None:
    with pytest.raises(NoRoute, match=r"'emails\.malling'.*Did you mean 'emails\.mailing'\?"):
        first_rule(read_rules([LAST]), Example(kind="emails.malling"))


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ({"kind": ""}, "['kind']"),
        ({"lane": 3}, "['lane']"),
        ({"school": None}, "['school']"),
        ({"at_least": 5}, "['at_least']"),
        ({"at_most": {"units": "many"}}, "['at_most']"),
        ({"at_most": {"units": -1}}, "['at_most']"),
        ({"at_least": {"units": 2}, "at_most": {"units": 1}}, "['at_least']"),
        ({"slower_than": 0.5}, "['slower_than']"),
        ({"expected_seconds_over": float("nan")}, "['expected_seconds_over']"),
        ({"lanes": "bulk"}, ""),
    ],
)
def test_rule_that_cannot_work_is_refused_by_its_place(rule: dict[str, Any], name: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read_rules([LAST, {**LAST, **rule}])
    assert refused.value.name == f"SWITCHYARD['routes'][1]{name}"
    assert refused.value.hint


@pytest.mark.parametrize("given", [{"emails.code": "codes"}, "codes", None])
def test_routes_that_are_no_list_are_refused(given: object) -> None:
    with pytest.raises(WrongSetting) as refused:
        read_rules(given)
    assert refused.value.hint.startswith("Write a list of rules")


def test_rule_without_a_lane_is_refused() -> None:
    with pytest.raises(WrongSetting) as refused:
        read_rules([{"kind": "emails.mailing"}])
    assert refused.value.hint == "Add the key 'lane'."


def test_rule_is_written_back_as_it_was_read() -> None:
    given = {"kind": "emails.mailing", "at_least": {"units": 5}, "slower_than": 3, "lane": "mail"}
    assert [rule.as_setting() for rule in read_rules([given, LAST])] == [given, LAST]
