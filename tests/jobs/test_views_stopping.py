"""The page that asks before a job is stopped."""

from typing import Any

import pytest
from django.test import Client

from jobs.models import JobState, School
from jobs.testing import make_person


def test_reason_that_is_too_long_is_told_and_kept_and_nothing_is_stopped(
    client: Client, steps: Any, school: School
) -> None:
    job = steps.submit(school, 1)
    client.force_login(make_person(school=school))
    address = f"/jobs/{job.pk}/stop/"
    assert "maxlength" not in client.get(address).content.decode(), "the browser would cut it silently"
    answer = client.post(address, {"why": "because " * 625})
    assert answer.status_code == 422
    assert "Write at most 300 characters; you wrote 4999." in answer.content.decode()
    assert "because because" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == JobState.WAITING


@pytest.mark.parametrize("back", ["31007", "nowhere", "https://elsewhere.example/", "//elsewhere.example"])
def test_way_back_that_is_no_address_of_ours_leads_to_the_job(
    client: Client, steps: Any, school: School, back: str
) -> None:
    job = steps.submit(school, 1)
    client.force_login(make_person(school=school))
    answer = client.post(f"/jobs/{job.pk}/stop/", {"why": "", "back": back})
    assert (answer.status_code, answer["Location"]) == (302, f"/jobs/{job.pk}/")
