"""What the clicks of a fault run leave behind."""

from random import Random
from typing import Any

import pytest

from jobs import lifecycle
from jobs.models import Job
from jobs.testing import kind_in_lane, make_person, make_school
from tests.faults.clicks import Clicks
from tests.jobs.conftest import Steps


@pytest.mark.django_db
def test_job_that_stays_paused_is_one_that_nobody_follows() -> None:
    school = make_school()
    person = make_person(school=school)
    with kind_in_lane(Steps, name="tests.steps", lane="mail") as kind:
        steps: Any = kind
        alone, followed = (steps.submit(school, 1, key=key) for key in ("alone", "followed"))
        steps.submit(school, 1, key="follower", after=[followed])
        for job in (alone, followed):
            lifecycle.pause(job, by=person)
        Clicks(random=Random(1)).resume_all(by=person)
    states = dict(Job.objects.values_list("key", "state"))
    assert states == {"alone": "paused", "followed": "waiting", "follower": "waiting"}
