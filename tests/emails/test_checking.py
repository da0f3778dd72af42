"""The page before a mailing is sent: it shows the findings, and asks for the number of students."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from emails.models import Mailing
from jobs.models import Job, Part, School
from jobs.testing import make_person, make_school
from tests.emails.people import learn_mailings


def given(mailing: Mailing, **fields: Any) -> dict[str, Any]:
    version = mailing.version(files=mailing.attached_files())
    return {"confirmed": "3", "version": version, **fields}


def send(client: Client, mailing: Mailing, **fields: Any) -> Any:
    return client.post(f"/mailings/{mailing.pk}/send/", given(mailing, **fields))


def check(client: Client, mailing: Mailing, **given_fields: Any) -> str:
    return client.get(f"/mailings/{mailing.pk}/check/", given_fields).content.decode()


def test_preview_leads_to_the_check_and_the_check_to_the_job(staff: Client, draft: Mailing) -> None:
    preview = staff.get(f"/mailings/{draft.pk}/").content.decode()
    assert f'action="/mailings/{draft.pk}/check/"' in preview
    text = check(staff, draft, confirmed=3, version=given(draft)["version"])
    assert f'action="/mailings/{draft.pk}/send/"' in text
    assert "<strong>3 students</strong> will get this mailing" in text
    response = send(staff, draft)
    assert response["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert staff.get(f"/mailings/{draft.pk}/check/")["Location"] == response["Location"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Please type how many students get this mailing"),
        ("all", "in digits"),
        ("4", "now 3 students get this mailing, not 4"),
        ("-3", "greater than or equal to 0"),
    ],
)
def test_other_number_sends_nothing_and_stays(staff: Client, draft: Mailing, typed: str, said: str) -> None:
    response = send(staff, draft, confirmed=typed, not_before="2099-01-02T03:04")
    text = response.content.decode()
    assert response.status_code == 422
    assert f'value="{typed}"' in text or not typed
    assert 'value="2099-01-02T03:04"' in text
    assert not Job.objects.exists()


def test_each_error_is_a_sentence(staff: Client, draft: Mailing) -> None:
    for typed, said in {
        "": "Please type how many",
        "x": "in digits",
        "4": "now 3 students get this mailing, not 4",
    }.items():
        assert said in send(staff, draft, confirmed=typed).content.decode()


def test_draft_that_changed_since_the_preview_is_shown_again(staff: Client, draft: Mailing) -> None:
    response = staff.get(f"/mailings/{draft.pk}/check/", {"version": "0" * 64}, follow=True)
    assert response.redirect_chain[0][0] == f"/mailings/{draft.pk}/"
    assert "The draft was changed meanwhile" in response.content.decode()


def test_what_blocks_leaves_no_button_and_the_click_sends_nothing(staff: Client, draft: Mailing) -> None:
    Mailing.objects.update(body="{{ shoe_size }}")
    draft.refresh_from_db()
    text = check(staff, draft)
    assert "This must be changed before it can be sent" in text
    assert "no merge field {{ shoe_size }}" in text
    assert 'name="confirmed"' not in text
    response = send(staff, draft)
    assert response.status_code == 422
    assert not Job.objects.exists()


def test_names_are_escaped(staff: Client, draft: Mailing, students: Any, school: School) -> None:
    students.add(school, "", first_name="<script>")
    assert "&lt;script&gt; Öz" in check(staff, draft)


def test_mailing_waits_for_its_time(staff: Client, draft: Mailing) -> None:
    wanted = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    send(staff, draft, not_before=f"{wanted:%Y-%m-%dT%H:%M}")
    part = Part.objects.get()
    assert part.state == "delayed"
    assert part.ready_at == wanted


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("2020-01-01T10:00", "has passed"),
        ("2099-01-01T10:00", "more than a year"),
        ("tomorrow", "a date and a time"),
    ],
)
def test_time_that_cannot_be_meant_sends_nothing(
    staff: Client, draft: Mailing, wanted: str, said: str
) -> None:
    response = send(staff, draft, not_before=wanted)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert 'name="confirmed" value="3"' in response.content.decode()
    assert not Job.objects.exists()


def test_check_of_another_school_is_not_found(client: Client, draft: Mailing) -> None:
    client.force_login(make_person(school=make_school()))
    assert client.get(f"/mailings/{draft.pk}/check/").status_code == 404


def test_check_asks_the_database_a_fixed_number_of_times(
    staff: Client, draft: Mailing, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    learn_mailings()
    with django_assert_max_num_queries(13):
        staff.get(f"/mailings/{draft.pk}/check/")
    with django_assert_max_num_queries(14):
        send(staff, draft, confirmed="x")
