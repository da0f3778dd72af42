"""A platform with a long past: millions of jobs that have ended, and some hundred that are at work."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.models import F
from django.utils import timezone

from jobs.models import Job, JobState, Part, PartState, Person, School, Step

SCHOOLS = 40
CHUNK = 250_000
DAYS = 365
JOBS = """
INSERT INTO jobs_job (
    school_id, kind, key, lane, priority, title, arguments, submitted_by_id, state, error, megabytes,
    units_total, units_done, units_failed, parts_open, created_at, started_at, ended_at
)
SELECT %(first_school)s + CASE WHEN n %% 4 = 0 THEN 0 ELSE n %% %(schools)s END,
    kinds.kind, n::text, kinds.lane, 0, initcap(replace(kinds.lane, '-', ' ')) || ' no. ' || n, '{}',
    NULL, CASE WHEN n %% 997 = 0 THEN 'failed' WHEN n %% 89 = 0 THEN 'problems' ELSE 'done' END,
    CASE WHEN n %% 997 = 0 THEN 'The mail server refused it.' ELSE '' END, 0.1, 100, 99, 1, 0,
    at.ended - interval '1 minute', at.ended - interval '50 seconds', at.ended
FROM generate_series(%(start)s, %(end)s) AS n
JOIN (VALUES (0, 'emails.mailing', 'mail'), (1, 'packets.packet', 'packets'), (2, 'uploads.check', 'uploads'))
    AS kinds(number, kind, lane) ON kinds.number = n %% 3
CROSS JOIN LATERAL (
    SELECT now() - interval '2 minutes' - (%(count)s - n) * (interval '1 day' * %(days)s / %(count)s) AS ended
) AS at
"""
PARTS = """
INSERT INTO jobs_part (
    job_id, school_id, lane, kind, priority, step, arguments, planned, units, units_done, units_failed, state,
    attempt, deaths, ready_at, waits_for, fence, worker, claimed_at, ended_at, seconds, error
)
SELECT id, school_id, lane, kind, 0, 'work', '{}', 0, 100, 99, 1,
    CASE state WHEN 'failed' THEN 'failed' ELSE 'done' END, 1, 0,
    created_at, '', id, 'mail@host-1', started_at, ended_at, 2.1, error
FROM jobs_job WHERE id BETWEEN %(start)s AND %(end)s
"""


def write_past(jobs: int) -> list[School]:
    """Write so many ended jobs of one part each over a year, and return the schools; the first has a quarter.

    What checks and triggers would add is left out: the rows are such as they write.
    """
    schools = [School.objects.create(name=f"School {number}", slug=f"s{number}") for number in range(SCHOOLS)]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for start in range(1, jobs + 1, CHUNK):
            chunk = {"start": start, "end": min(start + CHUNK - 1, jobs)}
            span = {"count": jobs, "days": DAYS, "schools": SCHOOLS, "first_school": schools[0].pk}
            cursor.execute(JOBS, chunk | span)
            cursor.execute(PARTS, chunk)
        cursor.execute("RESET session_replication_role")
        cursor.execute("VACUUM ANALYZE")
    return schools


def write_present(schools: list[School], *, people: int) -> list[tuple[Person, Job]]:
    """Write so many people, each with a mailing of 20 parts at work, and return both."""
    return [_at_work(schools[number % len(schools)], number) for number in range(people)]


@contextmanager
def getting_on(jobs: Sequence[Job]) -> Iterator[None]:
    """Let each of `jobs` have done one unit more with each second of the block."""
    is_over = threading.Event()
    at_work = Job.objects.filter(pk__in=[job.pk for job in jobs], units_done__lt=F("units_total"))

    def work() -> None:
        while not is_over.wait(1):
            at_work.update(units_done=F("units_done") + 1)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        is_over.set()
        worker.join()


def _at_work(school: School, number: int) -> tuple[Person, Job]:
    person = Person.objects.create(email=f"staff-{number}@school.example", name="Staff", school=school)
    now = timezone.now()
    job = Job.objects.create(
        school=school,
        kind="stage.nothing",
        key=f"now-{number}",
        lane="mail",
        title=f"Autumn fair {number}",
        submitted_by=person,
        state=JobState.WORKING,
        units_total=2000,
        units_done=412,
        parts_open=16,
        created_at=now,
        started_at=now,
    )
    parts = [
        Part(
            job=job,
            school=school,
            lane="mail",
            kind=job.kind,
            step=Step.WORK,
            units=100,
            units_done=100 if is_done else 0,
            state=PartState.DONE if is_done else PartState.WAITING,
            ready_at=now,
            claimed_at=now if is_done else None,
            ended_at=now if is_done else None,
            seconds=2.0 if is_done else 0,
        )
        for is_done in [True] * 4 + [False] * 16
    ]
    Part.objects.bulk_create(parts)
    return person, job
