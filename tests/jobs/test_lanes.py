"""A lane's settings check themselves."""

import pytest

from jobs.lanes import Lane, WrongSetting


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("workers", 0, "parts at once"),
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
