"""The sentences that say what happens to a job, why it waits, and how it ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobs.hindrances import AtWork, Line, Reached
from jobs.lanes import Lane
from jobs.reasons import explain, explain_end, explain_unknown_end
from jobs.units import Units

LANE = Lane(name="bulk", workers=4, pool="threads", rate=14)
LIMIT = Reached(
    what="The lane bulk",
    scope="lane",
    name="bulk",
    lane="bulk",
    rate=14,
    unit="mails",
    opens_in=timedelta(seconds=1),
    set_by="A. Admin",
    set_ago=timedelta(days=2),
)
AT_LIMIT = "The lane bulk is at its limit of 14 mails a second"


def explained(*lines: Line) -> list[str]:
    """Return the reason of a job of which nothing is at work, for each line."""
    return [explain(lane=LANE, line=line, at_work=AtWork()) for line in lines]


def test_reason_names_who_or_what_holds_the_job() -> None:
    assert explained(
        Line(),
        Line(slots_present=4, is_paused=True),
        Line(slots_present=4, follows=1),
        Line(slots_present=4, starts_in=timedelta(hours=30)),
        Line(slots_present=4, retry_in=timedelta(seconds=8)),
        Line(slots_present=4, retry_in=timedelta(seconds=8), failure="The relay does not answer."),
    ) == [
        "No worker of the lane bulk is present. It starts by itself when one is back.",
        "It is paused. Resume it to let it go on where it was.",
        "It follows 1 other job and starts when it has ended well.",
        "It was scheduled and starts in 30 hours.",
        "Something outside failed. The next attempt is in 8 seconds.",
        "The relay does not answer. The next attempt is in 8 seconds.",
    ]


def test_reason_names_what_stands_between_the_job_and_its_turn() -> None:
    reasons = [
        explain(lane=LANE, line=line, at_work=AtWork())
        for line in (
            Line(slots_present=4, jobs_ahead=2),
            Line(slots_present=4, schools_ahead=1),
            Line(slots_present=4, limit=LIMIT),
            Line(slots_present=4, limit=replace(LIMIT, set_by="", set_ago=None), schools_ahead=2),
            Line(slots_present=4, limit=LIMIT, parts_working=4, parts_of_others=3),
            Line(slots_present=4, parts_working=2, school_workers=2),
            Line(slots_present=4, parts_working=3, service_workers=1, parts_at_service=1),
            Line(slots_present=4, parts_working=4),
            Line(slots_present=4, parts_working=4, parts_of_others=3),
            Line(slots_present=4, parts_working=4, parts_of_others=4),
            Line(slots_present=4),
        )
    ]
    assert reasons == [
        "2 other jobs of your school are ahead.",
        "1 other school is ahead; then it is your turn.",
        f"{AT_LIMIT} (set by A. Admin 2 days ago). Yours is next.",
        f"{AT_LIMIT}. 2 other schools are ahead; then it is your turn.",
        f"{AT_LIMIT} (set by A. Admin 2 days ago). Yours is next.",
        (
            "2 parts of your school are at work, as many as the lane bulk allows one school at once. "
            "Yours is next."
        ),
        (
            "1 part of the lane bulk is at work with the outside service that it needs, as many as may be "
            "there at once. Yours is next."
        ),
        "All 4 workers of the lane bulk are busy; yours is next.",
        "All 4 workers of the lane bulk are busy, 3 of them for other schools; yours is next.",
        "All 4 workers of the lane bulk are busy, all for other schools; yours is next.",
        "Yours is next; it starts at any moment.",
    ]


@pytest.mark.parametrize(
    ("rate", "unit", "told"),
    [
        (2_000_000, "bytes", "1.9 MB"),
        (500_000.0, "mails", "500,000 mails"),
        (1_234_567, "mails", "1,234,567 mails"),
        (0.25, "mails", "0.25 mails"),
        (1, "mails", "1 mail"),
    ],
)
def test_limit_is_told_in_figures_that_people_read(rate: float, unit: str, told: str) -> None:
    line = Line(slots_present=4, limit=replace(LIMIT, rate=rate, unit=unit, set_ago=None, set_by=""))
    explained = explain(lane=LANE, line=line, at_work=AtWork())
    assert explained == f"The lane bulk is at its limit of {told} a second. Yours is next."


def test_one_worker_is_not_several() -> None:
    line = Line(slots_present=1, parts_working=1)
    explained = explain(lane=LANE, line=line, at_work=AtWork())
    assert explained == "The one worker of the lane bulk is busy; yours is next."


def test_job_that_has_begun_tells_that_its_next_part_waits() -> None:
    reasons = [
        explain(lane=LANE, line=line, at_work=AtWork())
        for line in (
            Line(has_started=True),
            Line(has_started=True, slots_present=4, jobs_ahead=1),
            Line(has_started=True, slots_present=4),
        )
    ]
    assert reasons == [
        "No worker of the lane bulk is present. It goes on by itself when one is back.",
        "Its next part waits. 1 other job of your school is ahead.",
        "Its next part starts at any moment.",
    ]


def test_job_at_a_limit_tells_the_same_between_its_parts_and_while_they_are_at_work() -> None:
    limited = Line(has_started=True, slots_present=4, limit=LIMIT)
    moments = [
        (limited, AtWork()),
        (limited, AtWork(parts=1)),
        (replace(limited, parts_working=4, parts_of_others=4), AtWork()),
        (replace(limited, parts_working=4), AtWork(parts=4)),
        (replace(limited, schools_ahead=1), AtWork()),
    ]
    told = {explain(lane=LANE, line=line, at_work=at_work) for line, at_work in moments}
    assert told == {f"It goes on as fast as a limit lets it. {AT_LIMIT} (set by A. Admin 2 days ago)."}
    assert explain(lane=LANE, line=replace(limited, jobs_ahead=2), at_work=AtWork(parts=1)) == (
        f"It goes on as fast as a limit lets it. {AT_LIMIT} (set by A. Admin 2 days ago). "
        "2 other jobs of your school are ahead."
    )


@pytest.mark.parametrize("parts", [0, 1])
def test_job_that_stands_still_at_a_limit_tells_when_it_goes_on(parts: int) -> None:
    limit = replace(LIMIT, opens_in=timedelta(seconds=33))
    line = Line(has_started=True, slots_present=4, limit=limit)
    assert explain(lane=LANE, line=line, at_work=AtWork(parts=parts)) == (
        "Its next part starts in 33 seconds, as soon as a limit lets it. "
        f"{AT_LIMIT} (set by A. Admin 2 days ago)."
    )


def test_pause_tells_how_many_units_still_leave() -> None:
    line = Line(slots_present=4, is_paused=True)
    at_work = AtWork(parts=2, units=1380, unit="mails")
    assert explain(lane=LANE, line=line, at_work=at_work) == (
        "It is paused; 2 parts at work are finished first, with up to 1,380 mails more. "
        "Resume it to let the rest go on."
    )


def end_of(*, parts: int = 0, stop: str = "It was stopped.", **units: int) -> str:
    at_work = AtWork(parts=parts, unit="mails")
    return explain_end(
        stop=stop, units=Units(**units), left="not sent", at_work=at_work, ends_in=timedelta(seconds=7)
    )


def test_stop_tells_what_is_finishing_and_then_what_was_left() -> None:
    assert end_of(parts=2, total=9, done=1) == (
        "It was stopped. 2 parts of it are finishing now; what does not end by itself is ended "
        "within 7 seconds."
    )
    ended = "It was stopped. Nothing of it is at work any more"
    assert (
        end_of(total=1600, done=1, failed=3, uncertain=4) == f"{ended}; 1,592 of 1,600 mails were not sent."
    )
    assert end_of(total=2, done=1) == f"{ended}; 1 of 2 mails was not sent."
    assert end_of(total=2, done=2) == f"{ended}."
    assert end_of() == f"{ended}."


def test_end_that_nobody_brought_about_needs_no_words() -> None:
    assert end_of(stop="", total=2, done=1) == ""
    assert end_of(stop="", parts=1).startswith("1 part of it is finishing now;")


def test_unknown_end_is_not_laid_to_experience_when_something_else_is_missing() -> None:
    there = Line(slots_present=4)
    assert explain_unknown_end(line=Line(), units=Units(total=5)) == "no worker is present"
    assert explain_unknown_end(line=there, units=Units()) == "it is not planned yet"
    assert "too little experience" in explain_unknown_end(line=there, units=Units(total=5))
