"""Old history is deleted in bounded batches; an open job keeps everything."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from emails.models import Mailing
from jobs import files, lifecycle
from jobs.forgetting import forgetting
from jobs.models import Attempt, Job, JobEvent, Part, School, StoredFile
from jobs.pruning import MOST_ROWS, REST, Pruner, prune
from jobs.retries import PermanentFailure
from jobs.supervision import sweep
from jobs.testing import make_school, run_parts

NOW = timezone.now()


def done(steps: Any, school: School, *, days_ago: float, key: str = "one", parts: int = 2) -> Job:
    """Return a job that ended some days ago, with one part that failed."""
    steps.errors.append(PermanentFailure("No such student."))
    job: Job = steps.submit(school, *[1] * parts, key=key)
    run_parts(lane="mail")
    age(job, at=NOW - timedelta(days=days_ago))
    return job


def age(job: Job, *, at: datetime) -> None:
    Job.objects.filter(pk=job.pk).update(created_at=at, ended_at=at)
    age_events(job, at=at)
    Attempt.objects.filter(part__job=job).update(claimed_at=at, ended_at=at)


def age_events(job: Job, *, at: datetime) -> None:
    """Write the job's events anew as those of another time: they cannot be changed."""
    events = list(job.events.all())
    with forgetting():
        job.events.all().delete()
    for event in events:
        event.at = at
    JobEvent.objects.bulk_create(events)


def left() -> tuple[int, int, int, int]:
    return Job.objects.count(), Part.objects.count(), Attempt.objects.count(), JobEvent.objects.count()


def test_job_older_than_its_days_goes_with_all_that_is_its(steps: Any, school: School) -> None:
    done(steps, school, days_ago=366)
    young = done(steps, school, days_ago=364, key="young")
    prune(now=NOW)
    assert list(Job.objects.all()) == [young]
    assert set(Part.objects.values_list("job", flat=True)) == {young.pk}
    assert set(JobEvent.objects.values_list("job", flat=True)) == {young.pk}


def test_attempts_go_earlier_than_their_job(steps: Any, school: School) -> None:
    job = done(steps, school, days_ago=91)
    assert Attempt.objects.exists()
    prune(now=NOW)
    assert not Attempt.objects.exists()
    assert job.parts.exists()


def test_open_job_keeps_everything_however_old_it_is(steps: Any, school: School) -> None:
    steps.errors.append(PermanentFailure("No such student."))
    job = steps.submit(school, 1, 1)
    run_parts(lane="mail")
    lifecycle.retry(job, by=None)
    Attempt.objects.update(ended_at=NOW - timedelta(days=5000))
    age_events(job, at=NOW - timedelta(days=5000))
    before = left()
    assert prune(now=NOW) == 0
    assert left() == before


@pytest.mark.parametrize(("own_days", "is_kept"), [(30, False), (730, True)])
def test_school_may_have_a_number_of_its_own(
    steps: Any, school: School, own_days: int, *, is_kept: bool
) -> None:
    School.objects.filter(pk=school.pk).update(history_days=own_days)
    job = done(steps, school, days_ago=400 if is_kept else 31)
    other = done(steps, make_school(), days_ago=31, key="other")
    prune(now=NOW)
    assert Job.objects.filter(pk=job.pk).exists() == is_kept
    assert job.events.exists() == is_kept
    assert Job.objects.filter(pk=other.pk).exists()


def test_school_may_keep_its_jobs_for_ever(steps: Any, school: School) -> None:
    School.objects.filter(pk=school.pk).update(history_days=2_000_000_000)
    job = done(steps, school, days_ago=9000)
    prune(now=NOW)
    assert Job.objects.get() == job


def test_batch_is_bounded_and_the_next_one_goes_on(steps: Any, school: School) -> None:
    for number in range(4):
        done(steps, school, days_ago=400, key=str(number), parts=4)
    rows = sum(left())
    batches = 0
    while went := prune(now=NOW, most=5):
        assert went <= 5
        assert rows - sum(left()) >= went
        rows, batches = sum(left()), batches + 1
    assert left() == (0, 0, 0, 0)
    assert batches > 5


def test_big_job_goes_over_several_batches_and_last(steps: Any, school: School) -> None:
    done(steps, school, days_ago=400, parts=20)
    prune(now=NOW, most=10)
    assert Job.objects.count() == 1
    for _ in range(5):
        prune(now=NOW, most=10)
    assert left() == (0, 0, 0, 0)


def test_result_files_go_with_their_job_unless_another_record_names_the_bytes(
    steps: Any, school: School, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    job = done(steps, school, days_ago=400)
    young = done(steps, school, days_ago=1, key="young")
    results = {"alone": [job], "shared": [job, young]}
    for name, jobs in results.items():
        for one in jobs:
            files.store(
                school=school,
                name=name,
                media_type="text/plain",
                content=ContentFile(name.encode()),
                job=one,
            )
    with django_capture_on_commit_callbacks(execute=True):
        prune(now=NOW)
    [kept] = StoredFile.objects.all()
    assert (kept.job, kept.content.read()) == (young, b"shared")
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1
    kept.content.close()


def test_file_of_a_deletion_that_is_rolled_back_stays(
    school: School, django_capture_on_commit_callbacks: Any
) -> None:
    stored = files.store(school=school, name="a", media_type="text/plain", content=ContentFile(b"a"))
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        files.discard(StoredFile.objects.get(pk=stored.pk))
        transaction.set_rollback(True)
    with StoredFile.objects.get().content.open() as content:
        assert content.read() == b"a"


def test_pruner_rests_for_an_hour_once_nothing_is_left(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.pruning.MOST_ROWS", 5)
    monkeypatch.setattr("jobs.pruning.prune.__kwdefaults__", {"most": 5})
    pruner = Pruner()
    done(steps, school, days_ago=400)
    while pruner.take_turn(now=NOW):
        pass
    assert left() == (0, 0, 0, 0)
    done(steps, school, days_ago=400)
    assert pruner.take_turn(now=NOW + REST / 2) == 0
    assert pruner.take_turn(now=NOW + REST) > 0


def test_supervision_prunes(steps: Any, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.pruning.pruner", Pruner())
    done(steps, school, days_ago=400)
    sweep(now=NOW)
    assert not Job.objects.filter(kind=steps.name).exists()  # the sweep's canaries have just begun


def test_job_that_an_app_still_needs_stays_whole(
    steps: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = done(steps, school, days_ago=400)
    Mailing.objects.create(school=school, subject="Fair", body="Hi", job=job)
    prune(now=NOW)
    assert job.parts.exists()
    assert MOST_ROWS == 1000


def test_job_of_a_kind_that_is_gone_is_pruned_too(steps: Any, school: School) -> None:
    done(steps, school, days_ago=400)
    Job.objects.update(kind="tests.gone")
    prune(now=NOW)
    assert left() == (0, 0, 0, 0)


def test_job_that_was_followed_goes_and_its_follower_stays(steps: Any, school: School) -> None:
    first = done(steps, school, days_ago=400)
    second = steps.submit(school, 1, key="second", after=[first])
    prune(now=NOW)
    assert list(Job.objects.all()) == [second]
    run_parts(lane="mail")
    second.refresh_from_db()
    assert second.has_ended
