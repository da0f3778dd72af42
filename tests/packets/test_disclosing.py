"""The record of who got packets, how long their files are kept, and who may do what with them."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Person, Role, School
from jobs.testing import make_person, make_school, run_parts
from packets import expiring
from packets.models import Disclosure, Packet, Share
from tests.packets.shares import SITE, record_of, share_on_page, way_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def packet(students: Any, school: School, pdf: Callable[..., bytes], build: Callable[..., Packet]) -> Packet:
    """A packet that was built."""
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("Amy R"))
    return build(amy)


@pytest.fixture
def employer() -> Client:
    """A browser in which nobody is signed in."""
    return Client()


@pytest.fixture
def share(client: Client, packet: Packet) -> Callable[..., Share]:
    """Shares the packet and returns its newest link."""
    return partial(share_on_page, client, packet)


def test_files_are_deleted_at_their_time_and_the_record_stays(  # noqa: PLR0917 - fixtures
    share: Callable[..., Share],
    client: Client,
    employer: Client,
    packet: Packet,
    files: Callable[[], list[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    link = share(days="30")
    packet.refresh_from_db()
    assert packet.kept_until is not None
    assert link.expires_at == packet.kept_until
    employer.post(way_to(link)).getvalue()
    assert "kept until" in client.get(f"/jobs/{packet.job_id}/").content.decode()
    assert expiring.purge_due(now=packet.kept_until - timedelta(seconds=1), most=10) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert expiring.purge_due(now=packet.kept_until, most=10) == 1
    assert files() == []
    page = client.get(f"/jobs/{packet.job_id}/").content.decode()
    assert "were deleted on" in page
    assert "Downloaded by a link" in page
    answer = employer.get(way_to(link))
    assert (answer.status_code, "This one was deleted on" in answer.content.decode()) == (410, True)
    assert record_of(packet) == [("link", "Harbor Health")]
    assert "deleted" in client.get("/packets/").content.decode()


def test_a_link_ends_at_the_files_time_also_before_they_are_deleted(
    share: Callable[..., Share], employer: Client, packet: Packet
) -> None:
    link = share()
    Packet.objects.filter(pk=packet.pk).update(kept_until=timezone.now() - timedelta(seconds=1))
    assert employer.post(way_to(link)).status_code == 410


def test_nobody_gets_a_file_or_its_pictures_after_its_time_also_before_they_are_deleted(
    client: Client, packet: Packet
) -> None:
    places = [f"/files/{packet.result.pk}/", f"/packets/{packet.pk}/pages/1/"]
    Packet.objects.filter(pk=packet.pk).update(kept_until=timezone.now() - timedelta(seconds=1))
    assert [client.get(place).status_code for place in places] == [404, 404]
    page = client.get(f"/jobs/{packet.job_id}/").content.decode()
    assert "Nobody gets them any more" in page
    assert "First pages" not in page
    assert record_of(packet) == []


def test_a_deleted_packet_can_be_built_again(
    client: Client, packet: Packet, share: Callable[..., Share], employer: Client
) -> None:
    link = share()
    assert client.get(f"/packets/{packet.pk}/delete/").status_code == 200
    client.post(f"/packets/{packet.pk}/delete/")
    assert employer.get(way_to(link)).status_code == 410
    client.post(f"/jobs/{packet.job_id}/retry/")
    run_parts(lane="packets")
    packet.refresh_from_db()
    assert (packet.pages, packet.purged_at) == (1, None)
    assert employer.post(way_to(link)).getvalue().startswith(b"%PDF")


def test_each_download_of_staff_is_recorded_and_can_be_exported(
    client: Client, packet: Packet, person: Person
) -> None:
    client.get(f"/files/{packet.result.pk}/").getvalue()
    assert record_of(packet) == [("downloaded", person.name)]
    for address in (f"/packets/{packet.pk}/record.csv", "/packets/record.csv"):
        text = b"".join(client.get(address).streaming_content).decode()
        assert text.count("\r\n") == 2
        assert "Downloaded,Spring fair,Spring fair.pdf," in text
        assert person.email in text
    assert "Spring fair" in client.get("/packets/record/").content.decode()


def test_the_record_is_never_changed_or_deleted(client: Client, packet: Packet) -> None:
    client.get(f"/files/{packet.result.pk}/").getvalue()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Disclosure.objects.update(name="Nobody")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Disclosure.objects.all().delete()
    assert Disclosure.objects.count() == 1


def test_the_packets_page_asks_the_database_as_often_for_many_links(
    client: Client, packet: Packet, share: Callable[..., Share], django_assert_num_queries: Any
) -> None:
    share()
    client.get(f"/jobs/{packet.job_id}/")  # The first look also notes that the person knows of the end.
    with CaptureQueriesContext(connection) as one:
        client.get(f"/jobs/{packet.job_id}/")
        before = len(one)
    for _ in range(3):
        share()
    with django_assert_num_queries(before):
        client.get(f"/jobs/{packet.job_id}/")


def test_an_employers_page_asks_the_database_little(
    employer: Client, share: Callable[..., Share], django_assert_num_queries: Any
) -> None:
    place = way_to(share())
    # The link with its packet, the school's rules, the students in it and what they release, its views.
    with django_assert_num_queries(4):
        employer.get(place)


def test_another_school_finds_nothing(packet: Packet, share: Callable[..., Share]) -> None:
    link = share()
    stranger = Client()
    stranger.force_login(make_person(school=make_school()))
    places = [
        f"/packets/{packet.pk}/share/",
        f"/packets/{packet.pk}/delete/",
        f"/packets/{packet.pk}/record.csv",
        f"/packets/shares/{link.pk}/revoke/",
    ]
    assert [stranger.get(place).status_code for place in places] == [404] * 4
    assert [stranger.post(place).status_code for place in places if "csv" not in place] == [404] * 3
    assert "Spring fair" not in stranger.get("/packets/record/").content.decode()
    assert b"Spring fair" not in b"".join(stranger.get("/packets/record.csv").streaming_content)
    link.refresh_from_db()
    assert link.revoked_at is None


def test_who_may_not_send_shares_nothing(packet: Packet, school: School) -> None:
    drafter = Client()
    drafter.force_login(make_person(school=school, role=Role.SENDER))
    assert drafter.post(f"/packets/{packet.pk}/share/").status_code == 403
    assert drafter.post("/packets/policy/", {"needs_consent": "no"}).status_code == 403


def test_operations_see_no_links(packet: Packet, share: Callable[..., Share]) -> None:
    link = share()
    ops = Client()
    ops.force_login(make_person(role=Role.OPS))
    page = ops.get(f"/jobs/{packet.job_id}/").content.decode()
    assert "Harbor Health" in page
    assert way_to(link) not in page
    assert ops.get(f"/packets/{packet.pk}/share/").status_code == 403


def test_a_school_chooses_its_rules(
    client: Client, employer: Client, share: Callable[..., Share], students: Any, packet: Packet
) -> None:
    link = share()
    students.said[packet.students.get().student_id, "resume"] = True
    assert client.get("/packets/policy/").status_code == 200
    sent = {"needs_consent": "yes", "kept_days": "3", "notice": "Keep it to yourself."}
    client.post("/packets/policy/", sent)
    page = client.get("/packets/policy/").content.decode()
    assert "only those released" in page
    assert "Keep it to yourself." in employer.get(way_to(link)).content.decode()
    Packet.objects.update(layout={"notice": "For the fair alone."})
    assert "For the fair alone." in employer.get(way_to(link)).content.decode()
    too_many = client.post("/packets/policy/", {**sent, "most_pages": "99999999"})
    assert too_many.status_code == 422
