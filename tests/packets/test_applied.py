"""A packet of those who applied to a vacancy, chosen on the form or by a program."""

from typing import Any

import pytest
from django.test import Client

from jobs.asking import WrongArguments
from jobs.keys import KeyTaken
from jobs.models import Job, School
from jobs.requesting import request
from jobs.testing import make_school
from packets import programs
from packets.models import Packet
from tests.packets.filling import NEW, packet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def applicants(students: Any, school: School) -> Any:
    """Amy and Ben applied to V1, Ben withdrew; Cid did not apply; Zoe of another school did."""
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    students.add(school, "Cid Clark")
    zoe = students.add(make_school(), "Zoe Zane")
    students.applied = {(amy.id, "V1"): "hired", (ben.id, "V1"): "withdrawn", (zoe.id, "V1"): "applied"}
    return students


def shown(client: Client, **chosen: str) -> list[str]:
    """Return whom the form offers."""
    page = client.get(NEW, chosen).content.decode()
    return [name for name in ("Amy Adams", "Ben Brown", "Cid Clark", "Zoe Zane") if name in page]


def test_form_offers_who_applied(client: Client, applicants: Any) -> None:
    assert shown(client) == ["Amy Adams", "Ben Brown", "Cid Clark"]
    assert shown(client, vacancy="V1") == ["Amy Adams", "Ben Brown"]
    assert shown(client, vacancy="V1", status="withdrawn") == ["Ben Brown"]
    assert shown(client, vacancy="V1", status="open") == ["Amy Adams"]
    assert shown(client, status="withdrawn") == ["Amy Adams", "Ben Brown", "Cid Clark"]
    assert shown(client, vacancy="V2") == ["Amy Adams", "Ben Brown", "Cid Clark"]


def test_choice_of_a_vacancy_stays_when_the_form_comes_back(client: Client, applicants: Any) -> None:
    sent = packet_of(title="", found="vacancy=V1&status=open")
    page = client.post(NEW, sent).content.decode()
    assert '<option value="V1" selected>' in page
    assert "Amy Adams" in page
    assert "Ben Brown" not in page


def test_form_does_not_ask_where_nobody_applied(client: Client, students: Any, school: School) -> None:
    students.add(school, "Amy Adams")
    assert "Applied to" not in client.get(NEW).content.decode()


def ask(school: School, **given: Any) -> Job:
    arguments = {"title": "Fair", "document_types": ["resume"], **given}
    job, _ = request(kind="packets.build", school=school, by=None, key="one", arguments=arguments)
    return job


def names(job: Job) -> list[str]:
    return [student.name for student in Packet.objects.get(job=job).students.all()]


def test_program_asks_for_who_applied(applicants: Any, school: School) -> None:
    job = ask(school, applied_to={"vacancy": "V1"})
    assert names(job) == ["Amy Adams", "Ben Brown"]
    applicants.applied[applicants.add(school, "Dan Drew").id, "V1"] = "applied"
    assert ask(school, applied_to={"vacancy": "V1"}) == job
    assert names(job) == ["Amy Adams", "Ben Brown"]


def test_key_of_a_packet_of_others_is_not_theirs(applicants: Any, school: School) -> None:
    applicants.applied[applicants.add(school, "Dan Drew").id, "V2"] = "applied"
    ask(school, applied_to={"vacancy": "V1"})
    for other in ("V2", "V7"):
        with pytest.raises(KeyTaken, match="another choice of students"):
            ask(school, applied_to={"vacancy": other})


def test_program_asks_for_some_statuses(applicants: Any, school: School) -> None:
    assert names(ask(school, applied_to={"vacancy": "V1", "statuses": ["hired", "offered"]})) == ["Amy Adams"]


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({}, "students", "one of the two"),
        ({"students": ["1"], "applied_to": {"vacancy": "V1"}}, "students", "one of the two"),
        ({"applied_to": {"vacancy": "V7"}}, "applied_to", "applied to the vacancy “V7”"),
        ({"applied_to": {"vacancy": "V1", "statuses": ["offered"]}}, "applied_to", "one of these statuses"),
        ({"applied_to": {"vacancy": "V1", "statuses": ["dreaming"]}}, "applied_to.statuses.0", "applied"),
        ({"applied_to": {}}, "applied_to.vacancy", ""),
    ],
)
def test_what_a_program_cannot_mean_is_said(
    applicants: Any, school: School, given: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(WrongArguments) as refused:
        ask(school, **given)
    assert list(refused.value.problems) == [f"arguments.{field}"]
    assert says in refused.value.problems[f"arguments.{field}"]
    assert not Packet.objects.exists()


def test_more_applicants_than_a_packet_holds_are_refused(
    applicants: Any, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "MOST_STUDENTS", 1)
    with pytest.raises(WrongArguments, match="2 students applied; a packet holds up to 1"):
        ask(school, applied_to={"vacancy": "V1"})
