"""The settings under SWITCHYARD are read whole or refused with a remedy."""

from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import Settings

from jobs.lanes import WrongSetting
from jobs.settings import read, switchyard


def changed(*path: str, value: object) -> dict[str, Any]:
    """Return the platform's settings with the value at `path` changed."""
    given = deepcopy(settings.SWITCHYARD)
    place = given
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return given


def test_unknown_key_asks_did_you_mean() -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed("lanes", "mail", "wrokers", value=3))
    assert "Did you mean 'workers'?" in refused.value.hint


def test_unknown_section_asks_did_you_mean() -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed("route", value={}))
    assert "Did you mean 'routes'?" in refused.value.hint


def test_route_to_no_lane_is_refused_with_the_lanes_there_are() -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed("routes", "emails.code", value="code"))
    assert refused.value.name == "SWITCHYARD['routes']['emails.code']"
    assert "Did you mean 'codes'?" in refused.value.hint


def test_missing_key_is_named() -> None:
    given = changed("lanes", "mail", value={"pool": "threads"})
    with pytest.raises(WrongSetting) as refused:
        read(given)
    assert refused.value.hint == "Add the key 'workers'."


@pytest.mark.parametrize(
    "section", ["lanes", "routes", "supervision", "files", "history", "breakers", "webhooks"]
)
def test_section_that_is_no_dict_is_refused(section: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed(section, value=3))
    assert section in refused.value.name


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ("supervision", "lease_seconds"),
        ("files", "upload_megabytes"),
        ("history", "attempts_days"),
        ("breakers", "failures"),
        ("breakers", "first_pause_seconds"),
        ("webhooks", "read_seconds"),
    ],
)
def test_span_or_size_that_is_not_positive_is_refused(section: str, key: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed(section, key, value=0))
    assert key in refused.value.name


def test_longest_pause_below_the_first_is_refused() -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed("breakers", "longest_pause_seconds", value=5))
    assert refused.value.hint == "Write at least 10, the first pause."


def test_one_host_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed("webhooks", "allowed_private_hosts", value="hooks.internal"))
    assert "Write a list" in refused.value.hint


@pytest.mark.parametrize(
    ("key", "most"), [("attachment_megabytes", 100), ("upload_megabytes", 1000), ("document_megabytes", 200)]
)
def test_size_that_no_machine_here_should_take_is_refused(key: str, most: int) -> None:
    assert getattr(read(changed("files", key, value=most)).files, key) == most
    with pytest.raises(WrongSetting) as refused:
        read(changed("files", key, value=most + 1))
    assert str(refused.value) == f"SWITCHYARD['files'][{key!r}] is {most + 1} (megabytes)."
    assert refused.value.hint == f"Write {most} at most."


@pytest.mark.parametrize(("lease", "sweep"), [(3.9, 1), (0.5, 0.1), (5, 2), (10, 3.5)])
def test_lease_that_ends_before_a_few_sweeps_is_a_system_check_error(
    settings: Settings, lease: float, sweep: float
) -> None:
    settings.SWITCHYARD = changed("supervision", value={"lease_seconds": lease, "sweep_seconds": sweep})
    (error,) = [found for found in run_checks() if found.id == "jobs.E003"]
    assert error.msg == f"SWITCHYARD['supervision']['lease_seconds'] is {lease} (seconds)."
    assert error.hint == "Write at least 4, and at least three times sweep_seconds."


def test_lease_of_four_seconds_and_three_sweeps_is_enough(settings: Settings) -> None:
    settings.SWITCHYARD = changed("supervision", value={"lease_seconds": 4, "sweep_seconds": 4 / 3})
    assert [found for found in run_checks() if found.id == "jobs.E003"] == []


def test_wrong_setting_is_a_system_check_error_with_a_hint(settings: Settings) -> None:
    settings.SWITCHYARD = changed("lanes", "bulk", "rate", value="fast")
    (error,) = [found for found in run_checks() if found.id == "jobs.E001"]
    assert error.msg == "SWITCHYARD['lanes']['bulk']['rate'] is 'fast' (units a second)."
    assert error.hint == "Write a number greater than 0."


def test_kind_without_a_route_is_a_system_check_error(settings: Settings) -> None:
    given = deepcopy(settings.SWITCHYARD)
    del given["routes"]["emails.code"]
    settings.SWITCHYARD = given
    (error,) = [found for found in run_checks() if found.id == "jobs.E002"]
    assert "emails.code" in error.msg


def test_settings_in_force_follow_a_change(settings: Settings) -> None:
    settings.SWITCHYARD = changed("lanes", "mail", "workers", value=7)
    assert switchyard().lanes["mail"].workers == 7
