"""Test mails: filled in for the student whose mail is looked at, and sent to who asks."""

from typing import Any

from django.test import Client

from emails.models import Mailing
from jobs.models import Job, School
from jobs.testing import make_school, run_parts

KEY = "a" * 32


def test_test_mail_is_that_of_the_student_who_is_shown(staff: Client, draft: Mailing, relay: Any) -> None:
    page = staff.get(f"/mailings/{draft.pk}/?mail=2").content.decode()
    assert "Send a test to me, as Bea Öz gets it" in page
    student = page.partition('name="student" value="')[2].partition('"')[0]
    response = staff.post(f"/mailings/{draft.pk}/test/", {"key": KEY, "student": student, "mail": "2"})
    assert response["Location"] == f"/mailings/{draft.pk}/?mail=2"
    run_parts(lane="mail")
    [(address, mail)] = relay.caught
    assert address == "sam@northfield.example"
    assert mail.get_content().startswith("Hi Bea")
    job = Job.objects.get()
    assert "filled in for Bea Öz" in staff.get(f"/jobs/{job.pk}/").content.decode()


def test_without_a_student_it_is_that_of_the_first(staff: Client, draft: Mailing, relay: Any) -> None:
    staff.post(f"/mailings/{draft.pk}/test/", {"key": KEY})
    run_parts(lane="mail")
    assert relay.caught[0][1].get_content().startswith("Hi Ana")
    text = staff.get(f"/jobs/{Job.objects.get().pk}/").content.decode()
    assert "filled in for its first student" in text


def test_student_of_another_school_fills_nothing_in(
    staff: Client, draft: Mailing, students: Any, relay: Any, school: School
) -> None:
    [stranger] = students.add(make_school(), "eve@y.example")
    staff.post(f"/mailings/{draft.pk}/test/", {"key": KEY, "student": stranger.id})
    run_parts(lane="mail")
    assert relay.caught[0][1].get_content().startswith("Hi Ana")
    assert "Eve" not in staff.get(f"/jobs/{Job.objects.get().pk}/").content.decode()


def test_student_who_is_gone_by_then_gives_way_to_the_first(
    staff: Client, draft: Mailing, students: Any, relay: Any, school: School
) -> None:
    [gone] = students.add(school, "dee@x.example")
    staff.post(f"/mailings/{draft.pk}/test/", {"key": KEY, "student": gone.id})
    students.by_school[school.pk].remove(gone)
    run_parts(lane="mail")
    assert relay.caught[0][1].get_content().startswith("Hi Ana")
