"""A lane's settings check themselves."""

from typing import Any

import pytest

from jobs.lanes import Lane
from jobs.setting_fields import WrongSetting


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("workers", 0, "parts at once"),
        ("workers", 1001, "parts at once"),
        ("workers", 2.5, "parts at once"),
        ("workers", True, "parts at once"),
        ("pool", "gevent", "pool type"),
        ("part_seconds", 0, "seconds"),
        ("part_seconds", float("nan"), "seconds"),
        ("promise_seconds", "soon", "seconds"),
        ("promise_seconds", None, "seconds"),
        ("rate", -1, "units a second"),
        ("rate", float("inf"), "units a second"),
    ],
)
def test_wrong_value_is_refused_with_name_value_and_unit(name: str, value: object, unit: str) -> None:
    given = {"workers": 1, "pool": "threads", name: value}
    with pytest.raises(WrongSetting) as refused:
        Lane(name="mail", **given)
    assert str(refused.value) == f"SWITCHYARD['lanes']['mail'][{name!r}] is {value!r} ({unit})."
    assert refused.value.hint.startswith("Write ")


def test_lane_without_a_rate_has_no_limit() -> None:
    assert Lane(name="mail", workers=1, pool="threads").rate is None


@pytest.mark.parametrize(
    "name", ["", "Mail", "mass mail", "bulk_mail", "post/amt", "büro", "mail\n", "m" * 41, 7]
)
def test_name_that_a_queue_cannot_have_everywhere_is_refused(name: Any) -> None:
    with pytest.raises(WrongSetting) as refused:
        Lane(name=name, workers=1, pool="threads")
    assert str(refused.value) == f"SWITCHYARD['lanes'] is {name!r} (lane name)."
    assert refused.value.hint == "Write lower-case letters, digits and hyphens, 40 at most."


def test_name_and_workers_may_go_to_their_limits() -> None:
    assert Lane(name="bulk-2-" + "m" * 33, workers=1000, pool="prefork").workers == 1000


@pytest.mark.parametrize("rates", [{"north": 0}, {"north": "5"}, {"north": True}, {3: 5.0}, [5], None, 5])
def test_limits_of_single_schools_are_numbers_by_short_name(rates: Any) -> None:
    with pytest.raises(WrongSetting, match="rates_of_schools"):
        Lane(name="bulk", workers=1, pool="threads", rates_of_schools=rates)


def test_limits_of_a_school_are_its_own_or_those_of_each() -> None:
    lane = Lane(
        name="bulk", workers=1, pool="threads", school_rate=5, rates_of_schools={"north": 9, "south": None}
    )
    found = {
        slug: [rate for _, _, rate in lane.limits_of_school(slug)] for slug in ("north", "south", "west")
    }
    assert found == {"north": [9, None], "south": [None, None], "west": [5, None]}


def test_vital_lane_lets_no_single_school_stand_still() -> None:
    with pytest.raises(WrongSetting, match="rates_of_schools"):
        Lane(name="codes", workers=1, pool="threads", is_vital=True, rates_of_schools={"north": 0.01})


@pytest.mark.parametrize("name", ["rate", "school_rate"])
def test_vital_lane_is_never_slowed_to_a_stand(name: str) -> None:
    with pytest.raises(WrongSetting) as caught:
        Lane(name="codes", workers=1, pool="threads", is_vital=True, **{name: 0.01})
    assert caught.value.hint == "People stand still without this lane: write 0.1 at least."
    Lane(name="bulk", workers=1, pool="threads", **{name: 0.01})
