"""What a change of the settings would do, before it is put in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import outliving, schools, versions
from jobs.changing import changes_between, require_sound
from jobs.models import OPEN_STATES, Job, Person, School
from jobs.outliving import MOST_COUNTED, Keeping, Outlived
from jobs.previewing import Preview, preview
from jobs.schools import Change, NewSchool, Values
from jobs.settings import Switchyard, read_with
from jobs.vital import vital_lanes_touched

NOT_PLAYED = ("history", "schools")
"""Sections of which no wait depends, but of schools' weights."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What somebody wants to change, as `jobs.changing.change` takes it."""

    overrides: Mapping[str, Any] | None = None
    schools: Mapping[str, Values] = field(default_factory=dict)
    """By slug."""
    new_school: NewSchool | None = None


@dataclass(frozen=True, kw_only=True)
class Review:
    """What a proposal would do."""

    changes: list[Change]
    vital: list[str]
    """The vital lanes that it touches, whose names must be typed."""
    preview: Preview | None
    """The waits of the last hours' jobs before and after; None when nothing of them would change."""
    switched_off: Sequence[str] = ()
    """What it means to schools that it switches off, in sentences."""
    outlived: Sequence[Outlived] = ()
    """What the next pruning would delete, before and after, where it changes how long something is kept."""


def review(proposal: Proposal, *, by: Person, now: datetime) -> Review:
    """Return what `proposal` would do; it takes up to some seconds, since the last hours are simulated twice.

    Raises:
        WrongSetting, Unsound: it cannot be put in force.
    """
    before = versions.settings_in_force()
    after = before if proposal.overrides is None else read_with(proposal.overrides)
    require_sound(after, before=before)
    changes = changes_between(before=before, after=after)
    vital = vital_lanes_touched([tuple(each["path"]) for each in changes], before=before, after=after)
    changes += _of_schools(proposal, by=by)
    weights = {change["path"][1]: change["after"] for change in changes if _is_weight(change)}
    plays = any(_is_weight(change) or change["path"][0] not in NOT_PLAYED for change in changes)
    return Review(
        changes=changes,
        vital=vital,
        preview=preview(before=before, after=after, weights_after=weights, now=now) if plays else None,
        switched_off=_switched_off(changes),
        outlived=_outlived(changes, before, after, now=now),
    )


def _of_schools(proposal: Proposal, *, by: Person) -> list[Change]:
    changes = schools.differences(proposal.schools, by=by)
    if proposal.new_school is None:
        return changes
    schools.require_new(proposal.new_school)
    return [*changes, proposal.new_school.change]


def _is_weight(change: Change) -> bool:
    return change["path"][0] == "schools" and change["path"][2] == "weight"


def _switched_off(changes: Sequence[Change]) -> list[str]:
    off = [each["path"][1] for each in changes if each["path"][-1] == "is_on" and each["after"] is False]
    return [told for school in School.objects.filter(slug__in=off) for told in _told_of(school)]


def _told_of(school: School) -> list[str]:
    """Return how many people of the school are let in no more, and how many of its jobs are held."""
    people = Person.objects.filter(school=school, is_active=True).count()
    jobs = Job.objects.filter(school=school, state__in=OPEN_STATES).order_by()[:MOST_COUNTED].count()
    out = ngettext(
        "{people:,} person is let in no more: if signed in, they are signed out at the next click.",
        "{people:,} people are let in no more: who of them is signed in is signed out at the next click.",
        people,
    )
    held = ngettext(
        "{jobs:,} job that has not ended waits until {school} is on again; what is at work ends.",
        "{jobs:,} jobs that have not ended wait until {school} is on again; what is at work ends.",
        jobs,
    )
    many = _("At least {jobs:,} jobs that have not ended wait until {school} is on again.")
    words = many if jobs == MOST_COUNTED else held
    return [out.format(people=people), words.format(jobs=jobs, school=school)]


def _outlived(
    changes: Sequence[Change], before: Switchyard, after: Switchyard, *, now: datetime
) -> Sequence[Outlived]:
    """Return what would be deleted, where the changes say how long something is kept."""
    days = {change["path"][1]: change["after"] for change in changes if change["path"][-1] == "history_days"}
    if not days and all(change["path"][0] != "history" for change in changes):
        return ()
    own = outliving.own_days()
    found = School.objects.filter(slug__in=days).values_list("pk", "slug")
    changed = {**own, **{pk: days[slug] for pk, slug in found}}
    return outliving.compare(
        before=Keeping(history=before.history, own_days=own),
        after=Keeping(
            history=after.history, own_days={pk: its for pk, its in changed.items() if its is not None}
        ),
        now=now,
    )
