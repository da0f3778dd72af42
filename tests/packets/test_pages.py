"""The pages of packets: the list, and the panel on the job page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import lifecycle
from jobs.claiming import claim
from jobs.models import Job, Person, Role, School, Step
from jobs.settings import switchyard
from jobs.supervision import free_parts_of
from jobs.testing import make_person, make_school, run_parts
from packets.models import Packet

pytestmark = pytest.mark.django_db

NEW = "/packets/new/"


def test_person_who_is_not_signed_in_is_asked_to_sign_in(person: Person) -> None:
    for address in ("/packets/", NEW):
        assert Client().get(address).status_code == 302


def test_person_of_no_school_cannot_build_one(students: Any) -> None:
    browser = Client()
    browser.force_login(make_person(role=Role.OPS))
    assert browser.get(NEW).status_code == 403
    assert browser.get("/packets/").status_code == 200


def test_list_shows_the_schools_own_packets(
    client: Client, school: School, students: Any, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy, title="Spring fair")
    page = client.get("/packets/").content.decode()
    assert "Spring fair" in page
    assert f'href="/files/{packet.result_id}/"' in page
    stranger = Client()
    stranger.force_login(make_person(school=make_school()))
    assert "Spring fair" not in stranger.get("/packets/").content.decode()


def test_empty_list_offers_the_first_packet(client: Client) -> None:
    assert "Build the first packet" in client.get("/packets/").content.decode()


def test_another_schools_packet_is_not_found(
    students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy)
    stranger = Client()
    stranger.force_login(make_person(school=make_school()))
    assert stranger.get(f"/jobs/{packet.job_id}/").status_code == 404
    assert stranger.get(f"/files/{packet.result_id}/").status_code == 404


def test_page_of_a_packet_whose_joining_was_set_aside_says_that_it_was_not_built(
    client: Client, students: Any, school: School, pdf: Callable[..., bytes], ask: Callable[..., Job]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    job = ask(amy)
    with pytest.raises(AssertionError, match="still one"):
        run_parts(lane="packets", limit=1)
    job.parts.filter(step=Step.FINISH).update(deaths=2)
    assert claim(lane=switchyard().lanes["packets"], worker="test", now=timezone.now()) is not None
    free_parts_of(worker="test", now=timezone.now())
    page = " ".join(client.get(f"/jobs/{job.pk}/").content.decode().split())
    assert (
        "The packet was not built: its documents were not joined into one PDF. “Build it again” starts over."
        in page
    )
    assert "The part that joins the documents into one PDF ended 3 workers" in page
    assert '<progress class="failed"' in page
    assert "100&nbsp;%" not in page
    lifecycle.retry(job, by=None)
    run_parts(lane="packets")
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "was not built" not in page
    assert "100&nbsp;%" in page


def test_job_page_tells_what_is_in_what_is_left_out_and_what_is_missing(
    client: Client, students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy, ben, cleo = (students.add(school, name) for name in ("Amy Adams", "Ben Brown", "Cleo Clark"))
    students.give(amy, "resume", pdf("Amy R"))
    students.give(amy, "transcript", pdf("Amy T"))
    students.give(ben, "resume", b"broken")
    packet = build(amy, ben, cleo)
    page = " ".join(client.get(f"/jobs/{packet.job_id}/").content.decode().split())
    assert f'href="/files/{packet.result_id}/"' in page
    assert "<strong>2</strong><span>pages</span>" in page
    assert "<strong>1</strong><span>of 3 students</span>" in page
    assert '<th scope="row">Ben Brown</th><td data-label="File">Brown resume.pdf</td>' in page
    assert '<td data-label="Why">The file is damaged' in page
    assert '<th scope="row">Cleo Clark</th><td data-label="Not stored">Résumé and transcript</td>' in page


def test_operations_page_tells_why_the_first_document_was_left_out(built: Packet) -> None:
    browser = Client()
    browser.force_login(make_person(role=Role.OPS))
    page = browser.get("/ops/").content.decode()
    assert built.title in page
    assert "The file is damaged" in page
    assert "page tells." not in page


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_ops_see_the_packet_and_cannot_download_it(built: Packet, role: str) -> None:
    browser = Client()
    browser.force_login(make_person(role=role))
    for address in ("/packets/", f"/jobs/{built.job_id}/"):
        page = browser.get(address).content.decode()
        assert built.title in page
        assert "/files/" not in page
    assert browser.get(f"/files/{built.result_id}/").status_code == 404


def test_packet_is_downloaded_as_a_file_with_its_title(
    client: Client, students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]
) -> None:
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    packet = build(amy, title="Spring fair")
    answer = client.get(f"/files/{packet.result_id}/")
    assert answer["Content-Disposition"] == 'attachment; filename="Spring fair.pdf"'
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


@pytest.fixture
def built(students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]) -> Packet:
    """The last of three packets of twelve students, each with a good and a broken document."""
    chosen = [students.add(school, f"Student N{number}") for number in range(12)]
    for student in chosen:
        students.give(student, "resume", pdf("R"))
        students.give(student, "transcript", b"broken")
    return [build(*chosen) for _ in range(3)][-1]


def test_pages_ask_few_questions_however_many_rows(
    client: Client, built: Packet, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(5):
        client.get("/packets/")
    # The session, who that is, what they typed before, the templates, and the limits of their school.
    with django_assert_max_num_queries(5):
        client.get(NEW)
    client.get(f"/jobs/{built.job_id}/")  # The first look also notes that the person knows of the end.
    with django_assert_max_num_queries(20):
        client.get(f"/jobs/{built.job_id}/")
