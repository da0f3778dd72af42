"""The effect of a change, as a page shows it before the change is put in force."""

import pytest
from django.test import Client
from django.utils import timezone

from jobs import canaries
from jobs.models import Part
from jobs.submission import submit
from jobs.testing import make_school
from tests.jobs.settings_pages.conftest import send, text_of

BULK = "/ops/settings/lanes/bulk/"
NOT_PLAYED = "growing by itself is not played through"


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


def test_effect_tells_waits_and_ends_of_the_jobs_that_the_lanes_count(admin: Client) -> None:
    pack(4)
    canaries.send(now=timezone.now())
    Part.objects.filter(job__kind="packets.build").update(state="done", seconds=60, ended_at=timezone.now())
    answer = send(admin, "/ops/settings/lanes/packets/", button="preview", workers="1")
    page = text_of(answer.content.decode())
    assert "The 4 jobs asked for since" in page
    assert "packets 4 → 4 half: 0 s → 1 min 95 of 100: 1 min → 3 min half: 1 min → 2 min" in page
    assert "All lanes 4 → 4" in page
    assert "bulk 0 → 0 No job came into it." in page
    assert (
        "Each part is taken to cost what it cost then, beside as many workers as there were: with fewer "
        "workers parts are often quicker than this says, with more slower."
    ) in page


@pytest.mark.parametrize("changes", [{"most_workers": "30"}, {"most_workers": "30", "rate": "9"}])
def test_effect_says_that_growing_by_itself_is_not_in_it(admin: Client, changes: dict[str, str]) -> None:
    pack(1)
    page = text_of(send(admin, BULK, button="preview", **changes).content.decode())
    assert (
        "Growing by itself is not played through: in both figures a lane always has the number of its "
        "setting “Workers”, and “Most workers” makes no difference. That concerns bulk."
    ) in page


def test_effect_says_so_of_each_lane_that_grows_whatever_is_changed(admin: Client) -> None:
    pack(1)
    send(admin, BULK, most_workers="30")
    send(admin, "/ops/settings/lanes/mail/", most_workers="30")
    page = text_of(send(admin, BULK, button="preview", most_workers="").content.decode())
    assert "That concerns mail, bulk." in page


def test_effect_is_silent_about_growing_where_no_lane_does(admin: Client) -> None:
    pack(1)
    page = text_of(send(admin, BULK, button="preview", rate="9").content.decode())
    assert "played through the settings in force" in page
    assert NOT_PLAYED not in page.lower()
