"""Overrides lie over the settings file, and hold nothing that is equal to it."""

from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings

from jobs.overrides import flat, merged, nested, only_changed
from jobs.setting_fields import WrongSetting
from jobs.settings import read, read_with

FIRST = {"kind": "emails.mailing", "at_most": {"units": 50}, "lane": "mail"}


def only(overrides: dict[str, Any]) -> dict[str, Any]:
    """Return what is left of `overrides` beside the settings file."""
    return only_changed(file=read(settings.SWITCHYARD), whole=read_with(overrides))


def test_override_changes_one_value_and_leaves_the_file_alone() -> None:
    file = deepcopy(settings.SWITCHYARD)
    lane = read_with({"lanes": {"bulk": {"rate": 14}}}).lanes["bulk"]
    assert (lane.rate, lane.workers) == (14, file["lanes"]["bulk"]["workers"])
    assert file == settings.SWITCHYARD


def test_routes_are_replaced_as_a_whole() -> None:
    routes = [FIRST, *settings.SWITCHYARD["routes"]]
    assert [rule.as_setting() for rule in read_with({"routes": routes}).routes] == routes


def test_service_that_the_file_does_not_name_may_be_added() -> None:
    assert read_with({"services": {"relay": {"rate": 5}}}).services["relay"].rate == 5


def test_workers_given_alone_raise_to_how_many_the_lane_grows() -> None:
    file = {"lanes": {"mail": {"workers": 4, "most_workers": 8}}}
    more = {"lanes": {"mail": {"workers": 9}}}
    assert merged(file, more)["lanes"]["mail"] == {"workers": 9, "most_workers": 9}
    both = {"lanes": {"mail": {"workers": 9, "most_workers": 8}}}
    assert merged(file, both)["lanes"]["mail"] == both["lanes"]["mail"]
    fewer = {"lanes": {"mail": {"workers": 5}}}
    assert merged(file, fewer)["lanes"]["mail"] == {"workers": 5, "most_workers": 8}


@pytest.mark.parametrize(
    ("overrides", "hint"),
    [
        ({"lanes": {"fast": {"workers": 1}}}, "A new lane needs workers"),
        ({"lanes": {"codes": {"is_vital": False}}}, "Change it in the settings file."),
        ({"webhooks": {"read_seconds": 1}}, "It can have: lanes,"),
        ({"slownes": {"times": 2}}, "Did you mean 'slowness'?"),
    ],
)
def test_override_of_what_only_the_file_decides_is_refused(overrides: dict[str, Any], hint: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        merged(settings.SWITCHYARD, overrides)
    assert hint in refused.value.hint


def test_override_equal_to_the_file_or_to_the_default_is_none() -> None:
    assert only({"lanes": {"mail": {"workers": 4, "claim_parts": 1}}, "slowness": {"times": 10}}) == {}
    assert only({"routes": settings.SWITCHYARD["routes"]}) == {}


def test_override_may_take_a_value_away(settings: Any) -> None:
    settings.SWITCHYARD = deepcopy(settings.SWITCHYARD)
    settings.SWITCHYARD["lanes"]["bulk"]["rate"] = 14
    assert only({"lanes": {"bulk": {"rate": None}}}) == {"lanes": {"bulk": {"rate": None}}}
    assert read_with({"lanes": {"bulk": {"rate": None}}}).lanes["bulk"].rate is None


def test_overrides_are_the_same_by_path_and_in_the_shape_of_the_file() -> None:
    overrides = {
        "lanes": {"bulk": {"rate": 14}},
        "services": {"relay": {"rate": 5}},
        "routes": [FIRST],
        "slowness": {"times": 3},
    }
    assert nested(flat(overrides)) == overrides
