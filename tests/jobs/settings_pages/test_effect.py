"""The effect of a change, as a page shows it before the change is put in force."""

import re

from django.test import Client
from django.utils import timezone

from jobs import canaries
from jobs.models import Job, Part
from jobs.submission import submit
from jobs.testing import make_school
from tests.jobs.settings_pages.conftest import send, text_of

PACKETS = "/ops/settings/lanes/packets/"


def pack(jobs: int) -> None:
    """Submit packets, each of another school."""
    for number in range(jobs):
        submit(
            kind="packets.build",
            school=make_school(),
            by=None,
            arguments={"packet": 1},
            key=str(number),
            units=1,
        )


def pack_at_once(jobs: int) -> None:
    """Let so many packets have come at the same moment, and have been done, each within a minute."""
    pack(jobs)
    now = timezone.now()
    Job.objects.update(created_at=now)
    Part.objects.update(state="done", seconds=60, ready_at=now, ended_at=now)


def test_effect_tells_waits_and_ends_of_the_jobs_that_the_lanes_count(admin: Client) -> None:
    pack(4)
    canaries.send(now=timezone.now())
    Part.objects.filter(job__kind="packets.build").update(state="done", seconds=60, ended_at=timezone.now())
    answer = send(admin, PACKETS, button="preview", workers="1")
    page = text_of(answer.content.decode())
    assert "The 4 jobs asked for since" in page
    assert "packets 4 → 4 half: 0 s → 1 min 95 of 100: 1 min → 3 min half: 1 min → 2 min" in page
    assert "All lanes 4 → 4" in page
    assert "bulk 0 → 0 No job came into it." in page
    assert (
        "Each part is taken to cost what it cost then, beside as many workers as there were: with fewer "
        "workers parts are often quicker than this says, with more slower."
    ) in page


def test_effect_plays_through_how_a_lane_grows_by_itself(admin: Client) -> None:
    pack_at_once(40)
    send(admin, PACKETS, most_workers="")
    page = text_of(send(admin, PACKETS, button="preview", most_workers="20").content.decode())
    assert "packets 40 → 40 half: 9 min → 2 min" in page
    assert "Lanes with “Most workers” grow and shrink in both figures as they would by themselves." in page
    assert "Nor numbers of workers that a person sets for a time, and hosts that are short of memory." in page


def test_effect_plays_through_the_total_of_all_lanes(admin: Client) -> None:
    pack_at_once(40)
    send(admin, PACKETS, most_workers="20")
    total = {"most_workers": "27"}
    page = text_of(
        send(admin, "/ops/settings/sections/supervision/", button="preview", **total).content.decode()
    )
    assert re.search(r"packets 40 → 40 half: 2 min( \d+ s)? → [5-9] min", page)
