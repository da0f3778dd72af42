"""`manage.py jobs honesty`: told times against what came true."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jobs.models import School, ToldTime


def came_true(job: Any, *, took: float) -> None:
    ToldTime.objects.create(
        job=job,
        lane="mail",
        has_begun=False,
        at=timezone.now() - timedelta(hours=1),
        end_reckoned=100,
        end_earliest=80,
        end_likely=100,
        end_latest=150,
        end_took=took,
    )


def test_figures_are_written_by_lane_and_together(
    jobs_command: Callable[..., Any], school: School, steps: Any
) -> None:
    job = steps.submit(school, 1)
    for took in (80, 100, 125, 400):
        came_true(job, took=took)
    lines = jobs_command("honesty", "--since", "2h").text.splitlines()
    assert lines[0].startswith("LANE  TOLD  MEDIAN ERROR OF THE END  ENDS INSIDE  STARTS INSIDE")
    assert lines[1].split() == ["mail", "4", "22%", "75%", "-"]
    assert lines[2].split() == ["all", "4", "22%", "75%", "-"]
    document = jobs_command("honesty", "--json").document
    assert document["lanes"][1]["lane"] == ""
    assert document["lanes"][1]["inside"] == 0.75


def test_nothing_told_is_said_so(jobs_command: Callable[..., Any], school: School) -> None:
    assert jobs_command("honesty").text.startswith("No job that was told its times has ended")
