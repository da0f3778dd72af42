"""Schools' weights: how much of a lane a school gets beside others."""

from collections.abc import Mapping
from typing import Any, TypedDict

from jobs.models import School
from jobs.setting_fields import WrongSetting

LEAST, MOST = 0.01, 100.0
"""A school beside another one gets at least a ten-thousandth of it: less would be a pause."""


class Change(TypedDict):
    """One value that a settings version changed."""

    path: list[str]
    before: Any
    after: Any


def weigh(weights: Mapping[str, float]) -> list[Change]:
    """Give schools their new weights, by slug, in the caller's transaction; return those that differ.

    The next claim goes by them.

    Raises:
        WrongSetting: a weight is no positive number, or there is no such school.
    """
    changes = [_weigh(slug, weight) for slug, weight in sorted(weights.items())]
    return [change for change in changes if change["before"] != change["after"]]


def require_weight(weight: float, *, slug: str) -> None:
    """Refuse what no school can have for its weight.

    Raises:
        WrongSetting: by name and value.
    """
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not LEAST <= weight <= MOST:
        hint = f"Write a number from {LEAST:g} to {MOST:g}."
        raise WrongSetting(name=_name(slug), value=weight, unit="share", hint=hint)


def _weigh(slug: str, weight: float) -> Change:
    require_weight(weight, slug=slug)
    before = School.objects.select_for_update().filter(slug=slug).values_list("weight", flat=True).first()
    if before is None:
        raise WrongSetting(name=_name(slug), value=slug, unit="school", hint="Write the slug of a school.")
    School.objects.filter(slug=slug).update(weight=weight)
    return {"path": ["schools", slug, "weight"], "before": before, "after": weight}


def _name(slug: str) -> str:
    return f"schools · {slug} · weight"
