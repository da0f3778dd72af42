"""A postmortem is drafted from what was measured, once an incident is over."""

from datetime import timedelta
from itertools import product

import pytest
from django.db.models import F

from jobs.measures import PART_WAIT
from jobs.models import (
    HandScale,
    HoldEvent,
    HoldScope,
    Incident,
    Job,
    JobEvent,
    Part,
    PartState,
    Person,
    Postmortem,
    Role,
    School,
    SettingsVersion,
    StatusSample,
)
from jobs.status import advice, drafting, impacts, postmortems, words
from jobs.status.bodies import SECTIONS
from jobs.status.naming import NamesSomebody, require_nameless
from jobs.testing import make_person, make_school
from tests.jobs.conftest import Steps
from tests.jobs.status.conftest import NOON, TEN, See
from tests.switchyard.pseudo import speak, words_outside

LATE = {"is_late": True, "wait_seconds": 90.0}
MINUTE = timedelta(minutes=1)
TEXTS = {"summary": "A", "timeline": "", "contributors": "", "actions": "", "next_steps": "B"}


def be_over(see: See) -> Incident:
    """Let an incident of the lane mail begin and end."""
    see(6, mail=LATE)
    see(31)
    return Incident.objects.get()


def done(steps: Steps, school: School, *, key: str, waited: float, seconds: float, at: timedelta) -> Job:
    """Let a job have been asked for some time after noon, have waited, and have been done in a part."""
    job = steps.submit(school, 1, key=key)
    asked_at = NOON + at
    begun_at = asked_at + timedelta(seconds=waited)
    Job.objects.filter(pk=job.pk).update(
        created_at=asked_at,
        started_at=begun_at,
        ended_at=begun_at + TEN,
        state="done",
        units_total=10,
        megabytes=20,
    )
    Part.objects.filter(job=job).update(
        state=PartState.DONE, step="work", units=10, seconds=seconds, ended_at=begun_at + TEN
    )
    return job


@pytest.fixture
def usual(steps: Steps, school: School) -> None:
    """The day before: a wait of two seconds, and 0.1 s for each unit."""
    done(steps, school, key="before", waited=2, seconds=1, at=timedelta(days=-1))


def test_draft_tells_in_figures_what_it_did_to_jobs(
    see: See, steps: Steps, school: School, usual: None
) -> None:
    done(steps, school, key="late", waited=80, seconds=30, at=-MINUTE)
    done(steps, make_school(), key="fine", waited=10, seconds=1, at=-MINUTE / 2)
    incident = be_over(see)
    assert postmortems.draft_missing(now=NOON + 10 * MINUTE) == 1
    drafted = Postmortem.objects.get()
    first, told = drafted.summary.splitlines()
    assert first.startswith("On 4 May 2026, from 11:59 UTC to 12:01 UTC, for ")
    assert first.endswith(f"{incident.title}. It concerned: Mailings.")
    assert told == (
        "- Steps: 1 job of 2 of 2 schools waited longer than promised; half of all waited 45 seconds "
        "(usually 2 seconds) or more, the longest 80 seconds."
    )


def test_draft_names_what_took_longer_than_usual_by_weight(
    see: See, steps: Steps, school: School, usual: None
) -> None:
    done(steps, school, key="slow", waited=1, seconds=30, at=timedelta(seconds=5))
    be_over(see)
    postmortems.draft_missing(now=NOON + 10 * MINUTE)
    told = Postmortem.objects.get().contributors
    assert "- Steps, up to 5 MB each: 10 steps at 3 s each, 30.0 times the usual of 0.1 s." in told


def test_draft_tells_what_calls_to_the_outside_took(see: See, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PART_WAIT, "told", "The relay's time, attachments: {}".format)
    what = f"{PART_WAIT.name}/over_5_mb"
    incident = be_over(see)
    rows = list(StatusSample.objects.order_by("at"))
    for number, row in enumerate(rows):
        row.body["seen"] = {what: [100 + number, 10 + 2 * number]}
        row.save()
    StatusSample.objects.create(at=NOON - timedelta(hours=20), body={"lanes": {}, "seen": {what: [0, 0]}})
    drafted = postmortems.draft(incident, now=NOON + 10 * MINUTE)
    assert (
        drafted.contributors == "- The relay's time, attachments: over_5_mb: 2 s on average, usually 0.1 s."
    )


@pytest.mark.parametrize(
    ("took", "said"), [(0, "less than 0.01 s"), (0.00443, "less than 0.01 s"), (0.2549, "0.25 s"), (3, "3 s")]
)
def test_what_a_call_took_is_rounded_for_people(took: float, said: str) -> None:
    assert words.short(took) == said


def test_draft_tells_the_timeline_and_what_was_done(see: See) -> None:
    admin = make_person(role=Role.ADMIN)
    SettingsVersion.objects.create(number=1, made_at=NOON + TEN, made_by=admin, why="More workers")
    HoldEvent.objects.create(scope="lane", name="bulk", what="paused", by=admin, why="W", at=NOON + 2 * TEN)
    HoldEvent.objects.create(
        scope="school", name="north", what="paused", by=admin, why="W", at=NOON + 2 * TEN
    )
    HandScale.objects.create(
        lane="mail", workers=9, by=admin, why="Storm", at=NOON + 3 * TEN, until=NOON + 60 * MINUTE
    )
    be_over(see)
    postmortems.draft_missing(now=NOON + 10 * MINUTE)
    drafted = Postmortem.objects.get()
    assert drafted.actions.splitlines() == [
        "- 12:00:10 the settings were changed (version 1): More workers.",
        "- 12:00:20 a school was paused.",
        "- 12:00:20 the lane bulk was paused.",
        "- 12:00:30 the lane mail was given 9 workers: Storm.",
    ]
    assert "- 12:00:00 the lane mail: late; longest wait 90 seconds" in drafted.timeline
    assert "- 12:01:00 the lane mail: fine; longest wait less than a second" in drafted.timeline
    assert "told on the status page: being looked into" in drafted.timeline
    assert "Look whether the lane had enough workers" in drafted.next_steps
    assert admin.name not in f"{drafted.summary}{drafted.timeline}{drafted.actions}"


def test_draft_is_written_in_the_language_of_the_platform(
    see: See, steps: Steps, school: School, usual: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch)
    admin = make_person(role=Role.ADMIN)
    SettingsVersion.objects.create(number=1, made_at=NOON + TEN, made_by=admin, why="Wish")
    for scope, what in product(HoldScope, ("paused", "drained", "lifted")):
        HoldEvent.objects.create(scope=scope, name="bulk", what=what, by=admin, at=NOON + TEN)
    HandScale.objects.create(
        lane="mail", workers=9, by=admin, why="Wish", at=NOON + TEN, until=NOON + 60 * MINUTE
    )
    job = done(steps, school, key="slow", waited=80, seconds=30, at=timedelta(seconds=5))
    for what in drafting.TOLD_OF_JOBS:
        JobEvent.objects.create(job=job, at=NOON + TEN, what=what)
    monkeypatch.setattr(PART_WAIT, "told", lambda attached: f"told/{attached}")
    see(6, has_broker=False, mail=LATE | {"service": "relay"})
    see(6, mail={"slots": 0})
    see(31)
    for number, row in enumerate(StatusSample.objects.order_by("at")):
        row.body["seen"] = {f"{PART_WAIT.name}/weight": [number, number]}
        row.save()
    incident = Incident.objects.get()
    drafted = postmortems.draft(incident, now=NOON + 10 * MINUTE)
    incident.components = ["gone"]
    spoken = [getattr(drafted, section) for section in SECTIONS]
    spoken += [drafting.summary(incident, since=NOON, until=NOON + MINUTE)]
    spoken += [drafting.summary(incident, since=NOON - 2 * MINUTE, until=NOON - MINUTE)]
    spoken += [drafting.contributors(incident, [], since=NOON - 2 * MINUTE, until=NOON - MINUTE)]
    spoken += [drafting.actions(incident, since=NOON - 2 * MINUTE, until=NOON - MINUTE)]
    spoken += [advice.next_steps(cause) for cause in advice.NEXT_STEPS]
    given = {"Mailings", "Steps", "steps", "UTC", "mail", "bulk", "relay", "Wish", "told", "weight"}
    assert {text: words_outside(text) - given for text in spoken if words_outside(text) - given} == {}


def test_incident_without_measured_jobs_is_drafted_too_and_only_once(see: See) -> None:
    be_over(see)
    now = NOON + 10 * MINUTE
    assert postmortems.draft_missing(now=now) == 1
    assert postmortems.draft_missing(now=now) == 0
    drafted = Postmortem.objects.get()
    assert "No job of a school waited in these lanes" in drafted.summary
    assert drafted.contributors.startswith("No kind of job took much longer than usual")
    assert drafted.actions.startswith("Nobody changed anything")


def test_incident_whose_components_are_no_more_is_drafted_too(see: See) -> None:
    Incident.objects.filter(pk=be_over(see).pk).update(components=["gone"])
    assert postmortems.draft_missing(now=NOON + 10 * MINUTE) == 1
    assert "It concerned: no part in particular." in Postmortem.objects.get().summary


def test_draft_does_not_overwrite_what_a_person_wrote(see: See) -> None:
    incident = be_over(see)
    person = make_person(role=Role.OPS)
    postmortems.save(incident, texts=TEXTS, seen="", by=person, now=NOON, publish=False)
    postmortems.draft(incident, now=NOON + 10 * MINUTE)
    assert Postmortem.objects.get().summary == "A"


def test_jobs_that_wait_still_count_until_the_promises_held_again(
    see: See, steps: Steps, school: School
) -> None:
    job = steps.submit(school, 1)
    Job.objects.filter(pk=job.pk).update(created_at=NOON - MINUTE)
    [told] = impacts.waited(["mail"], since=NOON, until=NOON + MINUTE)
    assert (told.jobs, told.late, told.longest_seconds, told.usual_seconds) == (1, 1, 120, None)
    Job.objects.filter(pk=job.pk).update(not_before_at=F("created_at") + MINUTE)
    [told] = impacts.waited(["mail"], since=NOON, until=NOON + MINUTE)
    assert told.longest_seconds == 60


@pytest.mark.parametrize("part", ["name", "email", "school"])
def test_text_that_names_somebody_is_refused(db: None, part: str) -> None:
    person: Person = make_person(school=make_school(name="Northfield University"))
    name = {"name": person.name, "email": person.email, "school": "northfield university"}[part]
    with pytest.raises(NamesSomebody, match="Leave the name out"):
        require_nameless("All is well.", f"It was {name}, again.")
    require_nameless("Northfield alone is a word, and so is a test.")


@pytest.mark.parametrize(
    "text",
    [
        "LAKESIDE   college fails",
        "for Lake\u00adside\u00a0College",
        "at lakeside-north, since 9",
        "at Lakeside North",
        "Ruth  Okafor did it",
        "RUTH\nOKAFOR",
        "mail ruth@lakeside.example",
    ],
)
def test_name_is_found_whatever_its_blanks_and_letters(db: None, text: str) -> None:
    school = School.objects.create(name="Lakeside College", slug="lakeside-north")
    make_person(name="Ruth Okafor", email="ruth@lakeside.example", school=school)
    with pytest.raises(NamesSomebody) as refused:
        require_nameless(text, meant_otherwise=["okafor"])
    assert refused.value.doubtful == ()


def test_family_name_alone_may_be_a_word(db: None) -> None:
    make_person(name="Dana Whitfield")
    make_person(name="Jo Carpenter")
    make_person(name="Al Day")
    with pytest.raises(NamesSomebody, match="publish it all the same if nobody is meant") as refused:
        require_nameless("Mr WHITFIELD called a carpenter.", "All day.")
    assert refused.value.doubtful == ["Carpenter", "Whitfield"]
    with pytest.raises(NamesSomebody) as refused:
        require_nameless("Mr Whitfield called a carpenter.", meant_otherwise=["Carpenter"])
    assert refused.value.doubtful == ["Whitfield"]
    require_nameless("A carpenter called, and carpenters.", meant_otherwise=["carpenter"])


def test_platform_is_no_short_name_of_a_school(db: None) -> None:
    School.objects.platform()
    require_nameless("The platform was late.")
