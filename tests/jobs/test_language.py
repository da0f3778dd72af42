"""What the core writes down, refuses with and tells is said in the language of the platform."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from jobs import (
    bulk,
    bulk_orders,
    holds,
    keys,
    letters,
    lifecycle,
    losing,
    notifying,
    people,
    processes,
    reckoning,
)
from jobs.api.inputs import JobFilter, refuse_unknown
from jobs.asking import WrongArguments
from jobs.bulk import Action, OthersNow
from jobs.claiming import claim
from jobs.holds import CannotHold, Target
from jobs.keys import KeyTaken
from jobs.measures import WORKERS_REPLACED
from jobs.models import (
    Hold,
    HoldMode,
    HoldScope,
    Job,
    JobState,
    MailChoice,
    Notification,
    Part,
    Person,
    PersonEvent,
    Role,
    School,
    Tally,
)
from jobs.retries import PermanentFailure
from jobs.scaling import Load
from jobs.settings import switchyard
from jobs.staffing import CannotScale, Staff, Staffed, scale
from jobs.templatetags.job_words import service_words
from jobs.testing import make_person, run_parts
from tests.switchyard.pseudo import speak, words_outside
from tests.uploads.offices import Office

MARK = "Zyxquill"
GIVEN = {MARK, "Steps", "steps", "mail", "bulk", "codes", "sir"}
"""What is the same in every language: names, and words of the kind that only tests know."""
LOAD = Load(waiting=3, working=2, part_seconds=2, oldest_seconds=40, promise_seconds=60)


@pytest.fixture(autouse=True)
def _speaking(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    speak(monkeypatch)


@pytest.fixture
def person(school: School) -> Person:
    """Somebody of the school who is called by the mark."""
    School.objects.filter(pk=school.pk).update(name=MARK)
    school.refresh_from_db()
    person = make_person(school=school, role=Role.ADMIN, email="zyxquill@school.example")
    Person.objects.filter(pk=person.pk).update(name=MARK, mails=MailChoice.ALWAYS)
    person.refresh_from_db()
    return person


@pytest.fixture
def job(steps: Any, school: School) -> Job:
    """A job that waits."""
    made: Job = steps.submit(school, 2)
    Job.objects.filter(pk=made.pk).update(title=MARK)
    made.refresh_from_db()
    return made


def past(*texts: str) -> set[str]:
    """Return the words of `texts` that were not translated."""
    assert all(texts)
    return {word for text in texts for word in words_outside(text)} - GIVEN


def test_what_a_person_is_mailed_and_shown(
    steps: Any, job: Job, person: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SITE_URL = "//1"
    office = Office()
    monkeypatch.setattr(letters, "_offered", [office])
    Job.objects.update(submitted_by=person)
    steps.errors = [PermanentFailure(MARK)]
    run_parts(lane="mail")
    notifying.hand_out(now=timezone.now())
    mailing = Job.objects.get(kind=notifying.TELL)
    run_parts(lane="mail")
    [letter] = office.sent
    text = "\n".join(line for line in letter.text.splitlines() if "//1" not in line)
    assert past(mailing.title, letter.subject, text, *map(str, Notification.objects.all())) == set()


@pytest.mark.parametrize("mode", HoldMode)
def test_refused_holds(person: Person, mode: HoldMode) -> None:
    target = Target(scope=HoldScope.LANE, name="bulk")
    hold = holds.put(target, mode=mode, by=person, why=MARK)
    with pytest.raises(CannotHold) as another:
        holds.put(target, mode=mode, by=person, why=MARK, replaces="unknown")
    of_nobody = Hold(scope=hold.scope, name=hold.name, mode=hold.mode, why=MARK, at=hold.at)
    School.objects.filter(pk=person.school_id).update(is_on=False)
    with pytest.raises(CannotHold) as off:
        holds.put(
            Target(scope=HoldScope.SCHOOL, name=str(person.school.slug)), mode=mode, by=person, why=MARK
        )
    assert past(str(another.value), str(off.value), str(holds.ReplacesAnother(of_nobody))) == set()


def test_refused_keys(job: Job) -> None:
    with pytest.raises(KeyTaken) as taken:
        keys.require_same(
            job, after=[job], followed=[], arguments={}, title="", priority=5, not_before=None, deadline=5
        )
    said = [keys.length_flaw(""), keys.length_flaw("x" * 500), *taken.value.differing.values()]
    assert past(str(taken.value).replace(job.key, ""), *said) == set()


def test_changes_of_many_jobs(job: Job, person: Person) -> None:
    asked: Any = {"chosen": "", "by": person, "why": MARK, "now": timezone.now()}
    with pytest.raises(OthersNow) as others:
        bulk.change(Job.objects.all(), Action.STOP, confirmed=9, **asked)
    for action, lane in ((Action.STOP, ""), (Action.MOVE, "bulk")):
        bulk_orders.order(Job.objects.all(), action, confirmed=1, lane=lane, **asked)
    titles = Job.objects.filter(kind=bulk.KIND).values_list("title", flat=True)
    assert len(titles) == 2
    assert past(str(others.value), *titles) == set()


def test_lost_parts_and_followers(steps: Any, job: Job, school: School) -> None:
    follower = steps.submit(school, 1, key="next", after=[job])
    for _ in range(losing.MOST_DEATHS):
        claim(lane=switchyard().lanes["mail"], worker=MARK, now=timezone.now())
        part = Part.objects.select_related("job").get(job=job, state="working")
        losing.lose(part, now=timezone.now(), how=losing.how_its_lease_ended(part, now=timezone.now()))
    errors = [Job.objects.get(pk=one.pk).error for one in (job, follower)]
    hows = [attempt.error for attempt in part.attempts.all()]
    assert past(*errors, *hows) == set()
    assert lifecycle.retry(job, by=None) is not None
    assert Job.objects.get(pk=follower.pk).state == JobState.WAITING, "it is found by the translated words"


def test_retry_without_its_deadline(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(deadline_at=timezone.now() - timedelta(days=1))
    lifecycle.stop(job, by=None)
    assert past(*lifecycle.retry(job, by=None)) == set()


def test_workers_of_lanes(person: Person, settings: Settings) -> None:
    for why in ("parts", "memory", "ceiling"):
        Tally.objects.create(measure=WORKERS_REPLACED.name, labels=f'["mail", "child", "{why}"]', value=2)
    Tally.objects.create(measure=WORKERS_REPLACED.name, labels='["mail", "worker", "memory"]', value=2)
    [replaced] = processes.replaced()
    lanes, said = switchyard().lanes, []
    for lane in (lanes["bulk"], lanes["codes"]):
        with pytest.raises(CannotScale) as refused:
            scale(lane, workers=10**9, by=person, why=MARK, until=None, now=timezone.now())
        said.append(str(refused.value))
    kept_back = Staffed(lane=lanes["mail"], staff=Staff(workers=3), present=1, kept_back=2).why_not_more
    reckoned = [reckoning.reason_for(LOAD, grows=grows) for grows in (False, True)]
    assert past(replaced.told, *said, kept_back, *reckoned) == set()


def test_audit_of_people(person: Person, school: School) -> None:
    now = timezone.now()
    other = people.add(
        email="b@school.example", name=MARK, role=Role.STAFF, school=school, by=person, now=now
    )
    people.give_role(person=other, role=Role.MANAGER, by=person, now=now)
    people.let_in(person=other, is_active=False, by=person, now=now)
    people.let_in(person=other, is_active=True, by=person, now=now)
    said = PersonEvent.objects.values_list("what", flat=True)
    assert len(said) == 4
    assert past(*said) == set()


@pytest.mark.parametrize("service", ["provider:1/codes", "relay:1/mailings", "scanner:1", "webhook:1"])
def test_services_outside(service: str) -> None:
    assert past(service_words(service)) == set()


def test_refused_parameters() -> None:
    with pytest.raises(WrongArguments) as refused:
        refuse_unknown([MARK])
    names = {word for name in JobFilter.model_fields for word in name.split("_")}
    assert past(refused.value.problems[MARK]) == names
