"""Kinds register by name."""

import pytest

from jobs.registry import Kind, KindTaken, kind_named, kinds, register
from jobs.verbs import PartPlan


def test_kinds_of_all_apps_are_found() -> None:
    assert {"emails.code", "emails.mailing", "packets.build", "uploads.check", "uploads.import"} <= {
        kind.name for kind in kinds()
    }


def test_name_registered_twice_is_refused() -> None:
    with pytest.raises(KindTaken, match=r"emails\.code"):
        register("emails.code")(Kind)
    assert type(kind_named("emails.code")) is not Kind


def test_empty_part_is_refused() -> None:
    with pytest.raises(ValueError, match="leave it out of the plan"):
        PartPlan(units=0)


def test_kind_without_plan_and_finish_has_neither() -> None:
    assert not Kind().has_plan
    assert not Kind().has_finish
