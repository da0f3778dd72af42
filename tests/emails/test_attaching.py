"""Attachments of a draft: chosen once, kept through errors, never another school's."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django.fixtures import Settings

from emails import attaching
from emails.models import Attachment, Mailing
from jobs import files
from jobs.models import School, StoredFile
from jobs.testing import make_school

TEXT = {"subject": "Fair", "body": "Hi {{ first_name }}", "major": "", "graduation_year": "", "search": ""}
WRONG = {**TEXT, "body": "Dear {{ frist_name }}"}
TICKED = re.compile(r'name="kept" value="([^"]+)"[^>]* checked')


def pdf(name: str = "map.pdf", content: bytes = b"%PDF-1.7") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def page(client: Client, address: str, **given: Any) -> str:
    return client.get(address, given).content.decode()


def ticked(text: str) -> list[str]:
    """Return what the form calls the files that it offers as attached."""
    return TICKED.findall(text)


def kept_after_error(client: Client, *chosen: SimpleUploadedFile) -> str:
    """Send a text with an error and the files `chosen`, and return the page that comes back."""
    response = client.post("/mailings/new/", {**WRONG, "attachments": chosen})
    assert response.status_code == 422
    return response.content.decode()


def test_error_in_the_text_keeps_the_files(staff: Client) -> None:
    text = kept_after_error(staff, pdf("a.pdf", b"a"), pdf("b.pdf", b"b"))
    assert "the files that are fine are attached already" in text
    assert "a.pdf" in text
    staff.post("/mailings/new/", {**TEXT, "kept": ticked(text), "attachments": [pdf("c.pdf", b"c")]})
    mailing = Mailing.objects.get()
    assert [file.name for file in mailing.attached_files()] == ["a.pdf", "b.pdf", "c.pdf"]


def test_files_are_kept_through_two_errors(staff: Client) -> None:
    first = ticked(kept_after_error(staff, pdf("a.pdf")))
    response = staff.post("/mailings/new/", {**WRONG, "kept": first, "attachments": [pdf("b.pdf", b"b")]})
    second = ticked(response.content.decode())
    assert len(second) == 2
    staff.post("/mailings/new/", {**TEXT, "kept": second})
    assert [file.name for file in Mailing.objects.get().attached_files()] == ["a.pdf", "b.pdf"]


def told_after(client: Client, *chosen: SimpleUploadedFile, **given: Any) -> str:
    """Send the form with the files `chosen`, and return the page to which it leads."""
    response = client.post("/mailings/new/", {**TEXT, "attachments": chosen, **given}, follow=True)
    return str(response.content.decode())


def test_file_chosen_twice_is_attached_once(staff: Client) -> None:
    text = told_after(staff, pdf("a.pdf", b"a"), pdf("b.pdf", b"b"), pdf("a.pdf", b"a"), pdf("a.pdf", b"a"))
    assert text.count("“a.pdf” was chosen more than once. It is attached once.") == 1
    assert [file.name for file in Mailing.objects.get().attached_files()] == ["a.pdf", "b.pdf"]
    assert StoredFile.objects.count() == 2


def test_copy_of_a_file_under_another_name_is_not_attached(staff: Client) -> None:
    text = told_after(staff, pdf("a.pdf", b"a"), pdf("a (1).pdf", b"a"))
    assert "“a (1).pdf” is the same file as “a.pdf”. It is attached once, as “a.pdf”." in text
    assert [file.name for file in Mailing.objects.get().attached_files()] == ["a.pdf"]


def test_file_chosen_again_after_an_error_is_attached_once(staff: Client) -> None:
    kept = ticked(kept_after_error(staff, pdf("a.pdf", b"a")))
    again = staff.post("/mailings/new/", {**WRONG, "kept": kept, "attachments": [pdf("a.pdf", b"a")]})
    assert "“a.pdf” was chosen more than once" in again.content.decode()
    assert ticked(again.content.decode()) == kept
    assert "“a.pdf” was chosen more than once" in told_after(staff, pdf("a.pdf", b"a"), kept=kept)
    assert [file.name for file in Mailing.objects.get().attached_files()] == ["a.pdf"]


def test_file_that_takes_the_place_of_an_unticked_one_is_attached(staff: Client) -> None:
    kept_after_error(staff, pdf("a.pdf", b"a"))
    assert "more than once" not in told_after(staff, pdf("a.pdf", b"a"))
    assert [file.name for file in Mailing.objects.get().attached_files()] == ["a.pdf"]


def test_two_files_of_one_name_are_both_attached(staff: Client) -> None:
    assert "more than once" not in told_after(staff, pdf("a.pdf", b"a"), pdf("a.pdf", b"b"))
    assert [file.sha256[:2] for file in Mailing.objects.get().attached_files()] == ["ca", "3e"]


def test_kept_file_that_is_unticked_does_not_go(staff: Client) -> None:
    kept_after_error(staff, pdf("a.pdf"))
    staff.post("/mailings/new/", TEXT)
    assert Mailing.objects.get().attached_files() == []


def test_file_that_is_wrong_by_itself_is_not_kept(staff: Client) -> None:
    text = kept_after_error(staff, pdf("empty.pdf", b""), pdf("good.pdf"))
    assert len(ticked(text)) == 1
    assert [stored.name for stored in StoredFile.objects.all()] == ["good.pdf"]


def test_kept_files_count_towards_the_limit(staff: Client, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"attachment_megabytes": 1}}
    first = ticked(kept_after_error(staff, pdf("film.mp4", b"x" * (1 << 20))))
    response = staff.post("/mailings/new/", {**TEXT, "kept": first, "attachments": [pdf("b.pdf")]})
    assert response.status_code == 422
    assert "The 2 files are 1.0\xa0MB together" in response.content.decode()
    assert not Mailing.objects.exists()


@pytest.mark.parametrize("is_signed", [True, False])
def test_file_of_another_school_cannot_be_attached(staff: Client, is_signed: bool) -> None:  # noqa: FBT001 - a case
    other = stored(make_school(name="Lakeside College"))
    name = attaching.offered_name(other) if is_signed else str(other.pk)
    staff.post("/mailings/new/", {**TEXT, "kept": [name]})
    assert not Attachment.objects.exists()


def test_file_that_no_form_offered_cannot_be_attached(staff: Client, school: School) -> None:
    own = stored(school)
    staff.post("/mailings/new/", {**TEXT, "kept": [str(own.pk), f"{own.pk}:nonsense", "x"]})
    assert not Attachment.objects.exists()


def test_preview_says_what_is_attached(staff: Client, draft: Mailing) -> None:
    assert "No attachments." in page(staff, f"/mailings/{draft.pk}/")
    staff.post(f"/mailings/{draft.pk}/change/", {**TEXT, "attachments": [pdf()]})
    text = page(staff, f"/mailings/{draft.pk}/")
    assert "map.pdf" in text
    assert "No attachments" not in text


def stored(school: School) -> StoredFile:
    content = ContentFile(b"a transcript")
    return files.store(school=school, name="transcript.pdf", media_type="application/pdf", content=content)


def test_attachments_over_the_limit_name_size_and_limit(staff: Client, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"attachment_megabytes": 1}}
    files = [pdf("small.pdf"), pdf("film.mp4", b"x" * (1 << 20))]
    response = staff.post("/mailings/new/", {**TEXT, "attachments": files})
    assert response.status_code == 422
    text = response.content.decode()
    assert "The 2 files are 1.0\xa0MB together; a mailing can carry 1 MB." in text
    assert "leave out or shrink “film.mp4”" in text
    assert "Hi {{ first_name }}" in text
    assert not Attachment.objects.exists()


def test_empty_file_is_refused(staff: Client) -> None:
    response = staff.post("/mailings/new/", {**TEXT, "attachments": [pdf(content=b"")]})
    assert "is empty. Leave it out or choose another file." in response.content.decode()


def test_draft_keeps_its_files_when_it_changes(staff: Client) -> None:
    staff.post("/mailings/new/", {**TEXT, "attachments": [pdf("a.pdf"), pdf("b.pdf", b"b")]})
    mailing = Mailing.objects.get()
    form = page(staff, f"/mailings/{mailing.pk}/change/")
    assert "a.pdf" in form
    assert len(ticked(form)) == 2
    change = {**TEXT, "subject": "Other", "kept": ticked(form)[1:], "attachments": [pdf("c.pdf", b"c")]}
    staff.post(f"/mailings/{mailing.pk}/change/", change)
    mailing.refresh_from_db()
    assert mailing.subject == "Other"
    assert [file.name for file in mailing.attached_files()] == ["b.pdf", "c.pdf"]


def test_stored_files_keep_their_bytes(staff: Client, tmp_path: Path) -> None:
    staff.post("/mailings/new/", {**TEXT, "attachments": [pdf(content=b"exactly these bytes")]})
    assert [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()] == [b"exactly these bytes"]
