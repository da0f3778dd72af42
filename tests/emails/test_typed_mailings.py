"""The form of a mailing is as it was left, until it is sent."""

from django.test import Client

from emails.models import Mailing
from jobs.models import TypedForm

TEXT = {"subject": "Fair", "body": "Hi {{ first_name }}", "major": "", "graduation_year": "", "search": "an"}


def test_new_mailing_is_as_it_was_left_until_it_is_a_draft(staff: Client) -> None:
    assert "is still here" not in staff.get("/mailings/new/").content.decode()
    staff.post("/typed/mailing/", {**TEXT, "subject": "Half a sub", "body_format": "markdown"})
    page = staff.get("/mailings/new/").content.decode()
    assert 'value="Half a sub"' in page
    assert '<option value="markdown" selected>' in page
    assert "is still here, but for files that you chose" in page
    staff.post("/mailings/new/", TEXT)
    assert not TypedForm.objects.exists()
    assert "Half a sub" not in staff.get("/mailings/new/").content.decode()


def test_change_of_a_draft_is_kept_apart(staff: Client, draft: Mailing) -> None:
    page = staff.get(f"/mailings/{draft.pk}/change/").content.decode()
    assert f'hx-post="/typed/mailing-{draft.pk}/"' in page
    staff.post(f"/typed/mailing-{draft.pk}/", {**TEXT, "subject": "Fair of autumn"})
    assert "Fair of autumn" in staff.get(f"/mailings/{draft.pk}/change/").content.decode()
    assert "Fair of autumn" not in staff.get("/mailings/new/").content.decode()
    draft.refresh_from_db()
    assert draft.subject == "Fair"


def test_form_that_is_wrong_keeps_what_was_typed(staff: Client) -> None:
    staff.post("/typed/mailing/", TEXT)
    assert staff.post("/mailings/new/", {**TEXT, "subject": ""}).status_code == 422
    assert TypedForm.objects.exists()
