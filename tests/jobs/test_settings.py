"""The settings under SWITCHYARD are read whole or refused with a remedy."""

from copy import deepcopy
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import Settings

from jobs.setting_fields import WrongSetting
from jobs.settings import read, switchyard


def changed(*path: str | int, value: object) -> dict[str, Any]:
    """Return the platform's settings with the value at `path` changed."""
    given = deepcopy(settings.SWITCHYARD)
    place: Any = given
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
        read(changed("routes", 0, "lane", value="code"))
    assert refused.value.name == "SWITCHYARD['routes'][0]['lane']"
    assert "Did you mean 'codes'?" in refused.value.hint


def test_missing_key_is_named() -> None:
    given = changed("lanes", "mail", value={"pool": "threads"})
    with pytest.raises(WrongSetting) as refused:
        read(given)
    assert refused.value.hint == "Add the key 'workers'."


@pytest.mark.parametrize(
    "section",
    [
        "lanes",
        "routes",
        "services",
        "supervision",
        "files",
        "history",
        "breakers",
        "webhooks",
        "slowness",
        "canary",
        "api",
    ],
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
        ("slowness", "times"),
        ("slowness", "units"),
        ("slowness", "seconds"),
        ("slowness", "unknown_megabyte_seconds"),
        ("canary", "every_seconds"),
        ("canary", "budget"),
        ("canary", "window_hours"),
        ("api", "requests_a_minute"),
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


@pytest.mark.parametrize("value", [0.5, True, "600", 100_001])
def test_quota_that_is_no_sensible_whole_number_is_refused(value: object) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed("api", "requests_a_minute", value=value))
    assert refused.value.hint == "Write a whole number from 1 to 100,000."


@pytest.mark.parametrize(
    ("key", "most"), [("attachment_megabytes", 100), ("upload_megabytes", 1000), ("document_megabytes", 200)]
)
def test_size_that_no_machine_here_should_take_is_refused(key: str, most: int) -> None:
    assert getattr(read(changed("files", key, value=most)).files, key) == most
    with pytest.raises(WrongSetting) as refused:
        read(changed("files", key, value=most + 1))
    assert str(refused.value) == f"SWITCHYARD['files'][{key!r}] is {most + 1} (megabytes)."
    assert refused.value.hint == f"Write {most:,} at most."


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
    assert error.hint == "Write a number greater than 0.001."


def test_kind_without_a_route_is_a_system_check_error(settings: Settings) -> None:
    settings.SWITCHYARD = changed("routes", value=settings.SWITCHYARD["routes"][1:])
    (error,) = [found for found in run_checks() if found.id == "jobs.E002"]
    assert "emails.code" in error.msg


def test_settings_in_force_follow_a_change(settings: Settings) -> None:
    settings.SWITCHYARD = changed("lanes", "mail", "workers", value=7)
    assert switchyard().lanes["mail"].workers == 7


def test_shipped_lanes_grow_by_themselves_within_one_machine_and_what_a_relay_takes() -> None:
    lanes = switchyard().lanes
    most = {name: lane.most_workers or 0 for name, lane in lanes.items()}
    assert all(most[name] > lane.workers for name, lane in lanes.items())
    assert all(most[name] <= (lane.process_workers or 0) for name, lane in lanes.items())
    # Postfix takes 50 connections from one client (smtpd_client_connection_count_limit).
    assert sum(most[name] for name in ("codes", "mail", "bulk", "bulk-slow")) < 50
    assert sum(most[name] for name, lane in lanes.items() if lane.pool == "prefork") <= 10
    total = switchyard().supervision.most_workers
    assert total is not None
    assert sum(lane.workers for lane in lanes.values()) < total < sum(most.values())


def test_kind_whose_rules_all_have_conditions_is_a_system_check_error(settings: Settings) -> None:
    settings.SWITCHYARD = changed("routes", 3, "school", value="northfield")
    (error,) = [found for found in run_checks() if found.id == "jobs.E002"]
    assert error.hint is not None
    assert error.hint.startswith("Add a last rule without conditions")


def test_rule_for_a_kind_that_nobody_registered_asks_did_you_mean(settings: Settings) -> None:
    routes = [{"kind": "emails.maling", "lane": "bulk"}, *settings.SWITCHYARD["routes"]]
    settings.SWITCHYARD = changed("routes", value=routes)
    (error,) = [found for found in run_checks() if found.id == "jobs.E004"]
    assert error.hint is not None
    assert error.hint.endswith("Did you mean 'emails.mailing'?")


def test_rule_on_a_size_that_its_kind_does_not_tell_is_a_system_check_error(settings: Settings) -> None:
    routes = [{"kind": "emails.mailing", "at_least": {"rows": 5}, "lane": "mail"}]
    settings.SWITCHYARD = changed("routes", value=routes + settings.SWITCHYARD["routes"])
    (error,) = [found for found in run_checks() if found.id == "jobs.E005"]
    assert error.msg == "SWITCHYARD['routes'][0] looks at the size 'rows' of the kind emails.mailing."
    assert error.hint == "Write one of: units, recipients, bytes, own_files."


def test_slow_companion_must_be_another_lane_that_there_is() -> None:
    assert (
        read(changed("lanes", "mail", "slow_companion", value="bulk")).lanes["mail"].slow_companion == "bulk"
    )
    for wrong in ("mail", "bulky"):
        with pytest.raises(WrongSetting) as refused:
            read(changed("lanes", "mail", "slow_companion", value=wrong))
        assert refused.value.name == "SWITCHYARD['lanes']['mail']['slow_companion']"


def with_companions(**companions: str | None) -> dict[str, Any]:
    """Return the platform's settings with other slow companions."""
    given = deepcopy(settings.SWITCHYARD)
    for lane, companion in companions.items():
        given["lanes"][lane]["slow_companion"] = companion
    return given


@pytest.mark.parametrize(
    ("companions", "circle"),
    [
        ({"mail": "bulk", "bulk": "mail"}, "mail → bulk → mail"),
        ({"mail": "bulk", "bulk": "uploads", "uploads": "mail"}, "mail → bulk → uploads → mail"),
        ({"mail": "bulk", "bulk": "uploads", "uploads": "bulk"}, "bulk → uploads → bulk"),
    ],
)
def test_slow_companions_in_a_circle_are_refused_with_the_lanes_and_a_remedy(
    companions: dict[str, str], circle: str
) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(with_companions(**companions))
    assert refused.value.name == f"SWITCHYARD['lanes'][{circle.split(maxsplit=1)[0]!r}]['slow_companion']"
    assert refused.value.hint == (
        f"The slow companions form a circle: {circle}. "
        "Leave one of these lanes without, or choose a lane outside of the circle."
    )


def test_slow_companions_in_a_chain_are_fine() -> None:
    lanes = read(with_companions(mail="bulk", uploads="bulk", bulk="webhooks")).lanes
    assert (lanes["mail"].slow_companion, lanes["bulk"].slow_companion) == ("bulk", "webhooks")


def test_service_has_limits_of_its_own() -> None:
    relay = read(changed("services", value={"relay": {"rate": 14, "burst": 28}})).services["relay"]
    assert (relay.name, relay.rate, relay.burst, relay.bytes_rate) == ("relay", 14, 28, None)


@pytest.mark.parametrize("path", [("lanes", "mail", "burst"), ("lanes", "mail", "bytes_burst")])
def test_burst_without_its_rate_is_refused(path: tuple[str, ...]) -> None:
    with pytest.raises(WrongSetting) as refused:
        read(changed(*path, value=5))
    assert refused.value.hint == f"Write {path[-1].replace('burst', 'rate')} too, or leave this out."
