"""Mailings that are sent only between two times of the day."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from emails import sending
from emails.models import Mailing
from emails.windows import Window
from jobs.models import Job, School
from jobs.standings import standing_of
from jobs.supervision import wake_delayed
from jobs.testing import run_parts

DAYTIME = Window(start=time(8), end=time(20))
NIGHT = datetime(2026, 11, 25, 22, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
LEFT_OVER = "Who has no mail by 20:00 gets it the next day, from 08:00 on."
WHY = f"begins at 08:00 on 26 Nov: this mailing is sent between 08:00 and 20:00. {LEFT_OVER}"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """A clock that stands at half past ten at night."""
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


def send_at_night(mailing: Mailing) -> Job:
    job = sending.send(mailing=mailing, by=None, confirmed=3, window=DAYTIME)
    run_parts(lane="bulk")
    job.refresh_from_db()
    return job


def test_mails_wait_for_the_morning_and_the_page_says_why(
    staff: Client, draft: Mailing, relay: Any, clock: time_machine.Traveller
) -> None:
    job = send_at_night(draft)
    assert relay.caught == []
    assert standing_of(job, now=timezone.now()).reason == f"It {WHY}"
    assert job.parts.get(step="work").ready_at == MORNING
    text = staff.get(f"/jobs/{job.pk}/").content.decode()
    assert WHY in text
    assert "between 08:00 and 20:00" in text
    clock.move_to(MORNING)
    wake_delayed(now=MORNING)
    run_parts(lane="bulk")
    assert len(relay.caught) == 3
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.usefixtures("staff")
def test_at_the_end_of_the_hours_the_rest_of_a_part_waits(
    draft: Mailing, relay: Any, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.move_to(datetime(2026, 11, 25, 19, 59, tzinfo=UTC))
    accept = relay.handle_DATA

    async def accept_and_let_an_hour_pass(*given: Any) -> Any:
        clock.shift(timedelta(hours=1))
        return await accept(*given)

    monkeypatch.setattr(relay, "handle_DATA", accept_and_let_an_hour_pass)
    job = send_at_night(draft)
    assert 1 <= len(relay.caught) < 3
    assert standing_of(job, now=timezone.now()).reason == f"It {WHY.replace('begins', 'goes on')}"
    monkeypatch.undo()
    clock.move_to(MORNING)
    wake_delayed(now=MORNING)
    run_parts(lane="bulk")
    assert len(relay.caught) == 3
    assert draft.recipients.filter(state="accepted").count() == 3


@pytest.mark.parametrize(
    ("asked", "starts"),
    [
        (datetime(2026, 11, 27, 21, 0, tzinfo=UTC), datetime(2026, 11, 28, 8, 0, tzinfo=UTC)),
        (datetime(2026, 11, 28, 8, 0, tzinfo=UTC), datetime(2026, 11, 28, 8, 0, tzinfo=UTC)),
    ],
)
def test_page_tells_one_start_of_a_mailing_with_a_time_and_hours(
    *,
    staff: Client,
    draft: Mailing,
    relay: Any,
    clock: time_machine.Traveller,
    asked: datetime,
    starts: datetime,
) -> None:
    job = sending.send(mailing=draft, by=None, confirmed=3, window=DAYTIME, not_before=asked)
    assert job.not_before_at == starts
    page = staff.get(f"/jobs/{job.pk}/").content.decode()
    assert f"between 08:00 and 20:00. {LEFT_OVER}" in page
    assert "28 November 2026, 08:00" in page
    assert "21:00" not in page
    assert "It begins" not in page
    clock.move_to(datetime(2026, 11, 28, 8, 0, tzinfo=UTC))
    wake_delayed(now=timezone.now())
    run_parts(lane="bulk")
    text = staff.get(f"/jobs/{job.pk}/").content.decode()
    assert "between 08:00 and 20:00<" in text
    assert "It begins" not in text


def test_page_that_takes_hours_says_what_they_mean(staff: Client, draft: Mailing) -> None:
    text = " ".join(staff.get(f"/mailings/{draft.pk}/check/").content.decode().split())
    assert "Between them it begins at once, outside of them when the first time comes, also" in text
    assert "Who has no mail by the second time gets it the next day, from the first time on." in text
    assert "They cannot go over midnight." in text


@pytest.mark.usefixtures("staff")
def test_mailing_without_hours_goes_at_night(
    draft: Mailing, relay: Any, clock: time_machine.Traveller
) -> None:
    sending.send(mailing=draft, by=None, confirmed=3)
    run_parts(lane="bulk")
    assert len(relay.caught) == 3


@pytest.mark.parametrize(
    ("now", "opens_at"),
    [
        ("2026-11-25T07:59:59+00:00", "2026-11-25T08:00:00+00:00"),
        ("2026-11-25T08:00:00+00:00", None),
        ("2026-11-25T19:59:59+00:00", None),
        ("2026-11-25T20:00:00+00:00", "2026-11-26T08:00:00+00:00"),
    ],
)
def test_hours_are_open_from_the_first_time_to_before_the_second(now: str, opens_at: str | None) -> None:
    expected = datetime.fromisoformat(opens_at) if opens_at else None
    assert DAYTIME.opens_at(datetime.fromisoformat(now), zone=UTC) == expected


def test_hours_are_those_of_a_time_zone_also_where_the_clock_changes() -> None:
    zone = ZoneInfo("America/New_York")
    opens_at = DAYTIME.opens_at(datetime(2026, 3, 8, 3, tzinfo=UTC), zone=zone)
    assert opens_at == datetime(2026, 3, 8, 8, tzinfo=zone)


def test_hours_and_start_are_in_the_time_zone_of_the_school(
    staff: Client, draft: Mailing, school: School, relay: Any, clock: time_machine.Traveller
) -> None:
    school.tell_time_in("Asia/Tokyo")
    page = " ".join(staff.get(f"/mailings/{draft.pk}/check/").content.decode().split())
    assert "The time is that of Asia/Tokyo." in page
    assert "in the time of Asia/Tokyo." in page
    given = {"window_start": "08:00", "window_end": "20:00", "not_before": "2026-11-27T21:00"}
    response = staff.post(f"/mailings/{draft.pk}/send/", fields(draft, **given))
    job = Job.objects.get()
    assert job.not_before_at == datetime(2026, 11, 27, 23, 0, tzinfo=UTC)
    assert "28 November 2026, 08:00" in staff.get(response["Location"]).content.decode()
    for hour, sent in ((22, 0), (23, 3)):
        moment = datetime(2026, 11, 27, hour, 59, tzinfo=UTC)
        clock.move_to(moment)
        wake_delayed(now=moment)
        run_parts(lane="bulk")
        assert len(relay.caught) == sent


def test_why_a_mailing_waits_is_told_in_the_time_of_the_school(
    staff: Client, draft: Mailing, school: School, relay: Any, clock: time_machine.Traveller
) -> None:
    school.tell_time_in("Europe/Berlin")
    draft.refresh_from_db()
    job = send_at_night(draft)
    why = f"It {WHY.replace('08:00 and 20:00', '08:00 and 20:00 (Europe/Berlin)')}"
    assert standing_of(job, now=timezone.now()).reason == why
    assert "between 08:00 and 20:00 (Europe/Berlin)" in staff.get(f"/jobs/{job.pk}/").content.decode()
    assert job.parts.get(step="work").ready_at == datetime(2026, 11, 26, 7, 0, tzinfo=UTC)


def fields(mailing: Mailing, **given: str) -> dict[str, str]:
    return {"confirmed": "3", "version": mailing.version(files=[]), **given}


def test_page_takes_the_hours(staff: Client, draft: Mailing) -> None:
    given = fields(draft, window_start="08:00", window_end="20:00")
    staff.post(f"/mailings/{draft.pk}/send/", given)
    draft.refresh_from_db()
    assert (draft.window_start, draft.window_end) == (time(8), time(20))


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("08:00", "", "Please give both times"),
        ("", "20:00", "Please give both times"),
        ("20:00", "08:00", "must be later on the same day than the first: hours cannot go over midnight"),
        ("08:00", "08:00", "must be later on the same day"),
        ("8 h", "20:00", "a time of the day, such as 08:00"),
    ],
)
def test_hours_that_cannot_be_meant_send_nothing(
    staff: Client, draft: Mailing, start: str, end: str, said: str
) -> None:
    given = fields(draft, window_start=start, window_end=end)
    response = staff.post(f"/mailings/{draft.pk}/send/", given)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert f'value="{start}"' in response.content.decode() or not start
    assert not Job.objects.exists()


@pytest.mark.parametrize("end", ["window_start", "window_end"])
def test_window_has_both_its_ends_or_none(draft: Mailing, end: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Mailing.objects.filter(pk=draft.pk).update(**{end: time(8)})
