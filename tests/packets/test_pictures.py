"""Pictures of a result's first pages: drawn, kept by content, shown to whom they belong."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from jobs import files
from jobs.confinement import Limits
from jobs.models import Role, School, StoredFile
from jobs.registry import kind_named
from jobs.testing import make_person, make_school
from packets import expiring, pictures
from packets.layout import Layout
from packets.models import Packet, PagePicture
from tests.packets import corpus

pytestmark = pytest.mark.django_db


@pytest.fixture
def amy(students: Any, school: School, pdf: Callable[..., bytes]) -> Any:
    """A student with a résumé of three pages."""
    amy = students.add(school, "Amy Adams")
    students.give(amy, "resume", pdf("R1", "R2", "R3"))
    return amy


def shown(client: Client, packet: Packet, number: int) -> Image.Image:
    """Return the picture of a page as the browser gets it."""
    answer = client.get(f"/packets/{packet.pk}/pages/{number}/")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/webp", "private, no-store")
    return Image.open(BytesIO(b"".join(answer.streaming_content)))


def test_page_of_a_packet_shows_its_first_pages(
    client: Client, amy: Any, build: Callable[..., Packet]
) -> None:
    packet = build(amy, layout=Layout())
    page = client.get(f"/jobs/{packet.job_id}/").content.decode()
    assert page.count('alt="Page ') == 6
    assert f'src="/packets/{packet.pk}/pages/1/"' in page
    with shown(client, packet, 1) as cover, shown(client, packet, 3) as divider:
        assert cover.size == divider.size == (420, 544)
        assert cover.tobytes() != divider.tobytes()
    assert client.get(f"/packets/{packet.pk}/pages/7/").status_code == 404


def test_pictures_belong_to_the_people_of_the_school(amy: Any, build: Callable[..., Packet]) -> None:
    packet = build(amy)
    for person, status in (
        (make_person(school=make_school()), 404),
        (make_person(role=Role.OPS), 404),
        (make_person(school=packet.school, role=Role.AUDITOR), 200),
    ):
        browser = Client()
        browser.force_login(person)
        answer = browser.get(f"/packets/{packet.pk}/pages/1/")
        assert answer.status_code == status
        assert status != 200 or b"".join(answer.streaming_content).startswith(b"RIFF")
    operations = Client()
    operations.force_login(make_person(role=Role.OPS))
    assert "First pages" not in operations.get(f"/jobs/{packet.job_id}/").content.decode()
    assert Client().get(f"/packets/{packet.pk}/pages/1/").status_code == 302


def test_same_content_is_kept_once(amy: Any, build: Callable[..., Packet]) -> None:
    first, second = build(amy, layout=Layout()), build(amy, layout=Layout())
    assert first.result.sha256 == second.result.sha256
    assert PagePicture.objects.count() == StoredFile.objects.filter(media_type="image/webp").count() == 6


def test_pictures_stay_while_another_packet_shows_them(amy: Any, build: Callable[..., Packet]) -> None:
    first, second = build(amy), build(amy)
    expiring.purge(first, now=timezone.now())
    assert PagePicture.objects.count() == 3
    expiring.purge(second, now=timezone.now())
    assert not PagePicture.objects.exists()


@pytest.mark.parametrize(("output", "count"), [("students", 3), ("all", 6)])
def test_archive_shows_pages_of_what_is_in_it(
    client: Client, amy: Any, build: Callable[..., Packet], output: str, count: int
) -> None:
    packet = build(amy, layout=Layout(output=output))
    assert client.get(f"/jobs/{packet.job_id}/").content.decode().count('alt="Page ') == count
    assert "<span>ZIP</span>" in client.get(f"/jobs/{packet.job_id}/").content.decode()


def test_pictures_go_when_their_result_is_gone(amy: Any, build: Callable[..., Packet]) -> None:
    packet = build(amy)
    kind = kind_named("packets.build")
    kind.prune_leftovers(now=timezone.now(), most=100)
    assert PagePicture.objects.count() == 3
    result = packet.result
    Packet.objects.filter(pk=packet.pk).update(result=None, pages=0, built=0)
    files.discard(result)
    assert kind.prune_leftovers(now=timezone.now(), most=2) == 2
    assert kind.prune_leftovers(now=timezone.now(), most=100) == 1
    assert not StoredFile.objects.filter(media_type="image/webp").exists()


def test_packet_whose_pages_take_too_long_to_draw_has_no_pictures(
    client: Client, amy: Any, build: Callable[..., Packet]
) -> None:
    with mock.patch.object(pictures, "LIMITS", Limits(megabytes=500, cpu_seconds=1, seconds=0.001)):
        packet = build(amy)
    assert packet.is_built
    page = client.get(f"/jobs/{packet.job_id}/").content.decode()
    assert "First pages" not in page


def test_very_long_page_is_drawn_small(tmp_path: Any) -> None:
    document = corpus.new()
    document.pages[0].MediaBox = [0, 0, 100, 14_000]
    path = tmp_path / "long.pdf"
    path.write_bytes(corpus.saved(document))
    with Image.open(BytesIO(pictures.draw(str(path))[1])) as picture:
        assert picture.height <= 673
