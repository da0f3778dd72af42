"""The page of an upload in hand: its buttons, its refreshes, and what it says when a job breaks off."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs import lifecycle, returning
from jobs.claiming import claim
from jobs.models import Job, Person, School
from jobs.settings import switchyard
from jobs.testing import run_parts
from uploads import views
from uploads.models import Student, Upload

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_an_upload_at_work_can_be_paused_and_stopped_on_its_page(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA, checked=False)
    address, job = f"/uploads/{upload.pk}/", upload.check_job
    assert job is not None
    shown = page(client, address)
    assert f'action="/jobs/{job.pk}/pause/"' in shown
    assert f'href="/jobs/{job.pk}/stop/?back={address}"' in shown
    assert f'name="back" value="{address}"' in shown
    assert client.post(f"/jobs/{job.pk}/stop/", {"back": address, "why": "Old file"})["Location"] == address
    stopped = page(client, address)
    assert "It was stopped by Test Person: “Old file”." in stopped
    assert "hx-get" not in stopped
    assert "Go on where it was stopped" in stopped


def test_a_refresh_that_sees_the_end_brings_the_new_buttons(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA, checked=False)
    refresh = f"/uploads/{upload.pk}/state/"
    assert "hx-swap-oob" not in client.get(refresh, {"state": "waiting"}).content.decode()
    lifecycle.pause(upload.check_job, by=None)
    paused = client.get(refresh, {"state": "waiting"}).content.decode()
    assert 'id="actions" hx-swap-oob="true"' in paused
    assert "/resume/" in paused
    lifecycle.resume(upload.check_job, by=None)
    run_parts(lane="uploads")
    checked = client.get(refresh, {"state": "paused"}).content.decode()
    assert "Import 1 good row<" in checked
    assert '<div class="row" id="actions" hx-swap-oob="true"></div>' in checked


def test_a_check_that_ends_while_its_page_is_read_is_not_said_to_have_broken_off(
    client: Client, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = hand_in(HEAD + MAYA, checked=False)
    tell = views.standing_shown

    def tell_late(job: Job, **given: Any) -> dict[str, Any]:
        run_parts(lane="uploads")
        return tell(job, **given)

    monkeypatch.setattr(views, "standing_shown", tell_late)
    assert "Import 1 good row<" in page(client, f"/uploads/{upload.pk}/")


def test_an_import_that_is_being_stopped_is_not_said_to_have_imported_nothing(
    client: Client, hand_in: HandIn
) -> None:
    upload = hand_in(HEAD + MAYA)
    client.post(f"/uploads/{upload.pk}/import/")
    upload.refresh_from_db()
    assert upload.import_job is not None
    held = claim(lane=switchyard().lanes["uploads"], worker="test", now=timezone.now())
    assert held is not None
    lifecycle.stop(upload.import_job, by=None)
    shown = page(client, f"/uploads/{upload.pk}/")
    assert "1 part of it is finishing now" in shown
    assert f"/uploads/{upload.pk}/state/?state=finishing" in shown
    assert "no row was imported" not in shown
    returning.leave(held, seconds=1)
    shown = page(client, f"/uploads/{upload.pk}/")
    assert "no row was imported" in shown
    assert "Import 1 good row<" in shown
    assert "/retry/" not in shown


@pytest.mark.parametrize("done", [0, 800])
def test_stopping_an_import_is_not_said_to_leave_anything(client: Client, hand_in: HandIn, done: int) -> None:
    upload = hand_in(HEAD + MAYA)
    client.post(f"/uploads/{upload.pk}/import/")
    job = Job.objects.get(kind="uploads.import")
    Job.objects.filter(pk=job.pk).update(units_total=1000)
    job.parts.update(units=1000, units_done=done)
    shown = page(client, f"/jobs/{job.pk}/stop/")
    assert "as a whole or not at all" in shown
    assert "stays done" not in shown
    assert "800" not in shown
    answer = client.post(f"/jobs/{job.pk}/stop/", {"why": "Old file"}, follow=True).content.decode()
    assert "was stopped. It is done as a whole or not at all" in answer


def test_a_file_that_cannot_be_read_is_not_checked_again(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA + '0099,"Ana')
    address = f"/jobs/{upload.check_job_id}/"
    shown = page(client, address)
    assert "/retry/" not in shown
    assert "<span>unchanged</span>" not in shown
    assert 'data-label="New">0<' not in page(client, "/uploads/")
    answer = client.post(f"{address}retry/", follow=True).content.decode()
    assert "cannot be retried: it would end the same way again." in answer


def test_an_import_that_another_one_followed_is_not_tried_again(client: Client, hand_in: HandIn) -> None:
    upload = hand_in(HEAD + MAYA)
    client.post(f"/uploads/{upload.pk}/import/")
    first = Job.objects.get(kind="uploads.import")
    lifecycle.stop(first, by=None)
    assert "/retry/" in page(client, f"/jobs/{first.pk}/")
    client.post(f"/uploads/{upload.pk}/import/")
    assert "/retry/" not in page(client, f"/jobs/{first.pk}/")


def test_button_counts_the_rows_that_look_like_another_person_once_they_are_ticked(
    client: Client, hand_in: HandIn, school: School
) -> None:
    Student.objects.create(
        school=school,
        number="0017",
        first_name="Zoe",
        last_name="Ray",
        email="zoe@school.example",
    )
    upload = hand_in(HEAD + MAYA + MAYA.replace("0017", "0018").replace("maya", "mia"))
    shown = page(client, f"/uploads/{upload.pk}/")
    assert 'class="while-unticked">Import 1 good row<' in shown
    assert 'class="while-ticked">Import 2 good rows<' in shown
    assert "data-changes-the-button" in shown
