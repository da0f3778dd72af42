"""Changing the settings: checked, audited, refused when others were quicker, undone by one call."""

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from jobs import changing, versions
from jobs.changing import (
    CannotUndo,
    ChangedInBetween,
    NotConfirmed,
    NothingChanged,
    Unsound,
    change,
    undo,
)
from jobs.models import Person, Role, School, SettingsVersion
from jobs.overrides import nested
from jobs.setting_fields import WrongSetting
from jobs.settings import look_again, switchyard
from jobs.testing import make_person

RATE = ("lanes", "bulk", "rate")


@pytest.fixture
def admin(live_settings: None) -> Person:
    """An administrator."""
    return make_person(role=Role.ADMIN)


def save(admin: Person, overrides: dict[str, Any] | None = None, **options: Any) -> SettingsVersion:
    """Change the settings as one who has seen the newest version."""
    options = {"expecting": versions.newest_number(), "why": "A test", **options}
    return change(overrides=overrides, by=admin, **options)


def bulk(rate: float | None, **more: Any) -> dict[str, Any]:
    """Return overrides of the lane bulk."""
    return {"lanes": {"bulk": {"rate": rate, **more}}}


def test_change_is_in_force_and_written_down_with_before_and_after(admin: Person) -> None:
    version = save(admin, bulk(14), why="The relay asked for it")
    assert look_again().lanes["bulk"].rate == 14
    assert (version.number, version.made_by, version.why) == (1, admin, "The relay asked for it")
    assert version.changes == [{"path": list(RATE), "before": None, "after": 14}]


def test_each_value_tells_who_set_it_last(admin: Person) -> None:
    save(admin, bulk(14))
    save(admin, bulk(14, burst=30))
    origins = versions.origins()
    assert (origins[RATE].number, origins[RATE].made_by) == (1, admin.name)
    assert origins["lanes", "bulk", "burst"].number == 2


def test_value_that_cannot_work_changes_nothing(admin: Person) -> None:
    with pytest.raises(WrongSetting):
        save(admin, bulk(-1))
    assert not SettingsVersion.objects.exists()


def test_settings_that_do_not_work_together_change_nothing(admin: Person) -> None:
    with pytest.raises(Unsound, match=r"leads the kind 'packets\.build' to no lane"):
        save(admin, {"routes": [rule for rule in settings.SWITCHYARD["routes"] if rule["lane"] != "packets"]})
    with pytest.raises(Unsound, match="at least three times sweep_seconds"):
        save(admin, {"supervision": {"sweep_seconds": 7}})
    assert not SettingsVersion.objects.exists()


def test_more_workers_than_there_are_connections_for_change_nothing(admin: Person) -> None:
    with pytest.raises(Unsound, match=r"All lanes together would have 1,\d\d\d workers"):
        save(admin, {"lanes": {"bulk": {"workers": 1000}}})
    assert not SettingsVersion.objects.exists()


def test_change_by_someone_who_has_not_seen_the_newest_version_is_refused(admin: Person) -> None:
    save(admin, bulk(14))
    with pytest.raises(ChangedInBetween):
        save(admin, bulk(20), expecting=0)
    assert look_again().lanes["bulk"].rate == 14


def test_second_of_two_changes_at_the_same_moment_is_refused(
    admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(admin, bulk(14))
    monkeypatch.setattr(changing.versions, "newest_number", lambda: 0)
    with pytest.raises(ChangedInBetween):
        save(admin, bulk(20), expecting=0)
    assert SettingsVersion.objects.count() == 1


def test_change_that_leaves_everything_as_it_is_makes_no_version(admin: Person) -> None:
    with pytest.raises(NothingChanged):
        save(admin, {"lanes": {"mail": {"workers": 4}}})
    assert not SettingsVersion.objects.exists()


def test_undo_brings_back_what_was_before(admin: Person) -> None:
    first = save(admin, bulk(14))
    undone = undo(first, by=admin, expecting=1)
    assert look_again().lanes["bulk"].rate is None
    assert (undone.undoes, undone.overrides) == (first, {})
    assert undone.why == "Undoes version 1: A test"
    undo(undone, by=admin, expecting=2)
    assert look_again().lanes["bulk"].rate == 14


def test_undo_of_an_older_version_leaves_later_changes_of_other_values(admin: Person) -> None:
    first = save(admin, bulk(14))
    save(admin, bulk(14, promise_seconds=60))
    undo(first, by=admin, expecting=2)
    assert (switchyard().lanes["bulk"].rate, look_again().lanes["bulk"].promise_seconds) == (None, 60)


def test_undo_of_a_value_that_was_changed_again_is_refused(admin: Person) -> None:
    first = save(admin, bulk(14))
    save(admin, bulk(20))
    with pytest.raises(CannotUndo, match="Lane bulk: rate was changed again after version 1"):
        undo(first, by=admin, expecting=2)


def test_undo_of_what_was_taken_back_already_says_so(admin: Person) -> None:
    first = save(admin, bulk(14))
    undo(first, by=admin, expecting=1)
    with pytest.raises(CannotUndo, match=r"Version 1 was taken back already, by version 2\."):
        undo(first, by=admin, expecting=2)


def test_undo_that_was_taken_back_itself_took_nothing_back(admin: Person) -> None:
    first = save(admin, bulk(14))
    undone = undo(first, by=admin, expecting=1)
    undo(undone, by=admin, expecting=2)
    save(admin, bulk(20), expecting=3)
    with pytest.raises(CannotUndo, match="Lane bulk: rate was changed again after version 1"):
        undo(first, by=admin, expecting=4)


def test_rule_and_service_are_undone_as_well(admin: Person) -> None:
    rule = {"kind": "emails.mailing", "at_most": {"recipients": 20}, "lane": "mail"}
    both = {"routes": [rule, *settings.SWITCHYARD["routes"]], "services": {"relay": {"rate": 9}}}
    version = save(admin, both)
    assert look_again().routes[0].lane == "mail"
    undo(version, by=admin, expecting=1)
    assert look_again() == versions.read(settings.SWITCHYARD)


def test_weight_of_a_school_is_changed_and_undone_in_the_same_list(admin: Person, school: School) -> None:
    version = save(admin, schools={school.slug: {"weight": 3}})
    school.refresh_from_db()
    assert school.weight == 3
    assert version.changes == [{"path": ["schools", school.slug, "weight"], "before": 1, "after": 3}]
    undo(version, by=admin, expecting=1)
    school.refresh_from_db()
    assert school.weight == 1


@pytest.mark.parametrize("weight", [0, -1, float("nan"), True, "much"])
def test_weight_that_is_not_positive_is_refused(admin: Person, school: School, weight: Any) -> None:
    with pytest.raises(WrongSetting):
        save(admin, schools={school.slug: {"weight": weight}})


def test_weight_of_a_school_that_is_not_there_is_refused(admin: Person) -> None:
    with pytest.raises(WrongSetting):
        save(admin, schools={"nowhere": {"weight": 2}})


@pytest.mark.parametrize(
    "overrides",
    [
        {"lanes": {"codes": {"workers": 1}}},
        {"routes": [{"kind": "emails.code", "school": "northfield", "lane": "bulk"}]},
        {"routes": [{"kind": "emails.mailing", "school": "northfield", "lane": "codes"}]},
    ],
)
def test_change_that_touches_a_vital_lane_must_be_confirmed_by_its_name(
    admin: Person, overrides: dict[str, Any]
) -> None:
    if "routes" in overrides:
        overrides = {"routes": overrides["routes"] + settings.SWITCHYARD["routes"]}
    for typed in ("", "yes", "code"):
        with pytest.raises(NotConfirmed) as refused:
            save(admin, overrides, confirmed=typed)
        assert refused.value.lane == "codes"
    assert save(admin, overrides, confirmed=" codes ").number == 1


@pytest.mark.parametrize("workers", [0, -1, None])
def test_vital_lane_never_has_zero_workers(admin: Person, workers: Any) -> None:
    with pytest.raises(WrongSetting):
        save(admin, nested({("lanes", "codes", "workers"): workers}), confirmed="codes")


def test_vital_lane_is_no_slow_companion(admin: Person) -> None:
    with pytest.raises(WrongSetting):
        save(admin, bulk(None, slow_companion="codes"), confirmed="codes")


def test_version_that_a_new_settings_file_does_not_fit_is_replaced_by_the_next_change(admin: Person) -> None:
    save(admin, bulk(14))
    gone = {"lanes": {"gone": {"rate": 14}}}
    SettingsVersion.objects.create(number=2, made_at=timezone.now(), why="A test", overrides=gone)
    save(admin, bulk(20))
    assert look_again().lanes["bulk"].rate == 20
