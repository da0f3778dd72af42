"""Who got documents of one student: each packet that held them, as it was when it was given out."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from jobs import lifecycle
from jobs.models import Job, School
from jobs.testing import make_person, make_school, run_parts
from packets import disclosing
from packets.models import Disclosure, Packet, PacketStudent, Share
from tests.packets.shares import SITE, share_on_page, way_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def pair(students: Any, school: School, pdf: Callable[..., bytes]) -> tuple[Any, Any]:
    """Two students with résumés."""
    amy, ben = students.add(school, "Amy Adams"), students.add(school, "Ben Brown")
    for student in (amy, ben):
        students.give(student, "resume", pdf(student.name))
    return amy, ben


@pytest.fixture
def packet(pair: tuple[Any, Any], build: Callable[..., Packet]) -> Packet:
    """A packet of both."""
    return build(*pair, types=["resume"])


@pytest.fixture
def share(client: Client, packet: Packet) -> Callable[..., Share]:
    """Shares the packet and returns its newest link."""
    return partial(share_on_page, client, packet)


def record_of(student: Any, school: School) -> list[tuple[str, str]]:
    """Return who got documents of the student, oldest first: the way and the recipient."""
    rows = disclosing.disclosed(school, student.id).order_by("pk")
    return list(rows.values_list("way", "name"))


def take(share: Share) -> None:
    Client().post(way_to(share)).getvalue()


def test_downloads_of_a_packet_are_of_each_student_in_it(
    share: Callable[..., Share], pair: tuple[Any, Any], school: School, students: Any
) -> None:
    take(share())
    amy, ben = pair
    assert record_of(amy, school) == record_of(ben, school) == [("link", "Harbor Health")]
    assert record_of(students.add(school, "Cid Clark"), school) == []


def test_record_holds_what_the_file_held_when_it_was_given_out(
    share: Callable[..., Share], pair: tuple[Any, Any], school: School, students: Any, packet: Packet
) -> None:
    amy, ben = pair
    take(share())
    students.said[ben.id, "resume"] = False
    lifecycle.retry(Job.objects.get(), by=None)
    run_parts(lane="packets")
    take(share(recipients="Later Ltd"))
    assert record_of(amy, school) == [("link", "Harbor Health"), ("link", "Later Ltd")]
    assert record_of(ben, school) == [("link", "Harbor Health")]


def test_download_while_the_packet_is_built_again_is_of_the_file_before(
    client: Client, packet: Packet, pair: tuple[Any, Any], school: School, students: Any
) -> None:
    _, ben = pair
    students.said[ben.id, "resume"] = False
    lifecycle.retry(Job.objects.get(), by=None)
    client.get(f"/files/{packet.result_id}/").getvalue()
    assert [way for way, _ in record_of(ben, school)] == ["downloaded"]


def test_record_outlives_the_packet(
    share: Callable[..., Share], pair: tuple[Any, Any], school: School
) -> None:
    take(share())
    PacketStudent.objects.all().delete()
    assert record_of(pair[0], school) == [("link", "Harbor Health")]


def test_entries_of_before_count_by_their_packet(
    packet: Packet, pair: tuple[Any, Any], school: School, students: Any
) -> None:
    entry = {
        "school": school,
        "at": packet.created_at,
        "way": "link",
        "packet_title": "Old",
        "name": "Old Ltd",
    }
    Disclosure.objects.create(**entry, packet_number=packet.pk)
    Disclosure.objects.create(**entry, packet_number=packet.pk + 1)
    assert record_of(pair[0], school) == [("link", "Old Ltd")]
    assert record_of(students.add(school, "Cid Clark"), school) == []
    Packet.objects.update(held=None)
    assert disclosing.held_by(Packet.objects.get()) == sorted(each.id for each in pair)


def test_record_is_handed_out_as_csv_to_the_school_alone(
    client: Client, share: Callable[..., Share], pair: tuple[Any, Any], students: Any
) -> None:
    take(share())
    amy, _ = pair
    address = f"/packets/record/students/{amy.id}.csv"
    text = b"".join(client.get(address).streaming_content).decode()
    assert "Harbor Health" in text
    assert text.count("\n") == 2
    stranger = students.add(make_school(), "Zoe Zane")
    assert client.get(f"/packets/record/students/{stranger.id}.csv").status_code == 404
    client.force_login(make_person(school=make_school()))
    assert client.get(address).status_code == 404


def test_other_schools_see_nothing_of_it(share: Callable[..., Share], pair: tuple[Any, Any]) -> None:
    take(share())
    assert not disclosing.disclosed(make_school(), pair[0].id).exists()
