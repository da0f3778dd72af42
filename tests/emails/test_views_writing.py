"""Writing a mailing on its pages: the form, the preview, the click that sends."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from emails.models import Attachment, Mailing
from jobs.models import Job, School
from jobs.testing import run_parts

TEXT = {"subject": "Fair", "body": "Hi {{ first_name }}", "major": "", "graduation_year": "", "search": ""}


def pdf(name: str = "map.pdf", content: bytes = b"%PDF-1.7") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def page(client: Client, address: str, **given: Any) -> str:
    return client.get(address, given).content.decode()


def version_of(mailing: Mailing) -> str:
    return mailing.version(files=mailing.attached_files())


def click_send(
    client: Client, mailing: Mailing, *, confirmed: int = 3, version: str = "", follow: bool = False
) -> Any:
    given = {"confirmed": confirmed, "version": version or version_of(mailing)}
    return client.post(f"/mailings/{mailing.pk}/send/", given, follow=follow)


def test_mailing_is_written_looked_at_and_sent(staff: Client, relay: Any) -> None:
    files = [pdf("map.pdf", b"map"), pdf("map.pdf", b"another map")]
    response = staff.post("/mailings/new/", {**TEXT, "major": "Economics", "attachments": files})
    mailing = Mailing.objects.get()
    assert response["Location"] == f"/mailings/{mailing.pk}/"
    preview = page(staff, response["Location"])
    assert "Send to 3 students" in preview
    assert "Hi Ana" in preview
    assert preview.count("map.pdf") == 2
    response = click_send(staff, mailing)
    job = Job.objects.get(kind="emails.mailing")
    assert response["Location"] == f"/jobs/{job.pk}/"
    run_parts(lane="bulk")
    assert len(relay.caught) == 3
    arrived = [part.get_payload(decode=True) for part in relay.caught[0][1].iter_attachments()]
    assert arrived == [b"map", b"another map"]


def test_double_click_on_send_sends_once(staff: Client, draft: Mailing, relay: Any) -> None:
    for _ in range(2):
        response = click_send(staff, draft)
        assert response["Location"] == f"/jobs/{Job.objects.get().pk}/"
    run_parts(lane="bulk")
    assert len(relay.caught) == 3


def test_sent_mailing_can_be_neither_changed_nor_thrown_away(staff: Client, draft: Mailing) -> None:
    click_send(staff, draft)
    job = Job.objects.get()
    assert (
        staff.post(f"/mailings/{draft.pk}/change/", {**TEXT, "subject": "Other"})["Location"]
        == f"/jobs/{job.pk}/"
    )
    staff.post(f"/mailings/{draft.pk}/discard/")
    assert Mailing.objects.get().subject == "Fair"


@pytest.mark.parametrize("address", ["/mailings/new/", "/mailings/{}/change/"])
def test_form_that_brings_nothing_at_all_is_shown_with_what_is_missing(
    staff: Client, draft: Mailing, address: str
) -> None:
    response = staff.post(address.format(draft.pk))
    assert response.status_code == 422
    assert "Please write a subject" in response.content.decode()


def test_unknown_merge_field_is_named_and_the_text_stays(staff: Client) -> None:
    response = staff.post("/mailings/new/", {**TEXT, "body": "Dear {{ frist_name }}, come"})
    assert response.status_code == 422
    text = response.content.decode()
    assert "There is no merge field {{ frist_name }}. Did you mean first_name?" in text
    assert "Dear {{ frist_name }}, come" in text
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("subject", ["Fair\nBcc: eve@x.example", "{{ nobody }}", "", "x" * 181])
def test_wrong_subject_is_refused(staff: Client, subject: str) -> None:
    assert staff.post("/mailings/new/", {**TEXT, "subject": subject}).status_code == 422


def test_file_name_with_a_line_break_is_cleaned(staff: Client, relay: Any) -> None:
    staff.post("/mailings/new/", {**TEXT, "attachments": [pdf("a\x1fb.pdf")]})
    assert Attachment.objects.get().file.name == "ab.pdf"


def test_count_follows_the_choice(staff: Client, students: Any, school: School) -> None:
    students.add(school, "dee@x.example", major="Law")
    for choice, said in {
        ("major", ""): "4 students",
        ("major", "Law"): "1 student<",
        ("search", "nobody"): "no student",
    }.items():
        response = staff.post("/mailings/count/", dict([choice]))
        assert said in response.content.decode()


def test_mailing_to_nobody_says_so(staff: Client, draft: Mailing) -> None:
    Mailing.objects.update(search="nobody")
    assert "nobody to send to" in page(staff, f"/mailings/{draft.pk}/")
    response = click_send(staff, draft, confirmed=0, follow=True)
    assert "nobody to send to" in response.content.decode()
    assert not Job.objects.exists()


def test_students_who_came_after_the_preview_are_asked_about(
    staff: Client, draft: Mailing, students: Any, school: School
) -> None:
    students.add(school, "dee@x.example")
    response = click_send(staff, draft, follow=True)
    text = response.content.decode()
    assert "now 4 students get this mailing, not 3" in text
    assert "Send to 4 students" in text


@pytest.mark.parametrize(
    "change",
    [
        {"body": "Come {{ first_name }}"},
        {"subject": "Ball"},
        {"search": "@x"},
        {"attachments": [pdf("new.pdf")]},
    ],
)
def test_stale_preview_sends_nothing_and_shows_the_draft_as_it_is(
    staff: Client, draft: Mailing, change: dict[str, Any]
) -> None:
    preview = page(staff, f"/mailings/{draft.pk}/")
    seen = version_of(draft)
    assert f'name="version" value="{seen}"' in preview
    staff.post(f"/mailings/{draft.pk}/change/", {**TEXT, **change})
    response = click_send(staff, draft, version=seen, follow=True)
    text = response.content.decode()
    assert "the draft was changed meanwhile" in text
    assert "Send to 3 students" in text
    assert not Job.objects.exists()


def test_send_without_a_version_sends_nothing(staff: Client, draft: Mailing) -> None:
    response = staff.post(f"/mailings/{draft.pk}/send/", {"confirmed": 3}, follow=True)
    assert "the draft was changed meanwhile" in response.content.decode()
    assert not Job.objects.exists()


def test_test_mail_is_asked_for_once_for_each_page(staff: Client, draft: Mailing) -> None:
    for _ in range(2):
        response = staff.post(f"/mailings/{draft.pk}/test/", {"key": "a" * 32}, follow=True)
    assert "on its way to sam@northfield.example" in response.content.decode()
    assert Job.objects.filter(kind="emails.test").count() == 1
    assert "A test mail" in page(staff, f"/jobs/{Job.objects.get().pk}/")


def test_draft_is_thrown_away(staff: Client, draft: Mailing) -> None:
    assert staff.post(f"/mailings/{draft.pk}/discard/")["Location"] == "/mailings/"
    assert not Mailing.objects.exists()


def test_format_of_the_text_is_no_option_that_can_be_left_out(staff: Client) -> None:
    text = page(staff, "/mailings/new/")
    assert '<label for="id_body_format">Format</label>' in text
    staff.post("/mailings/new/", TEXT)
    assert Mailing.objects.get().body_format == "text"
    refused = staff.post("/mailings/new/", {**TEXT, "body_format": "rtf"})
    assert "rtf is not one of the available choices" in refused.content.decode()
