"""What files are called: as they were before a browser coded three signs of their names."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from emails import drafting, sending
from emails.findings import Choice
from emails.models import Mailing
from jobs.testing import run_parts
from tests.emails.archives import archive


def test_quote_in_the_name_of_a_students_own_file_is_kept(staff: Client, draft: Mailing, relay: Any) -> None:
    chosen = [
        SimpleUploadedFile("%22Letter%22%0D%0A 00001%20.pdf", b"x"),
        SimpleUploadedFile("all.zip", archive({"%22 00002.pdf": b"y"})),
    ]
    staff.post(f"/mailings/{draft.pk}/own-files/", {"chosen": chosen})
    names = set(draft.own_files.values_list("name", flat=True))
    assert names == {'"Letter" 00001%20.pdf', "%22 00002.pdf"}
    drafting.choose(mailing=draft, choice=Choice.WITHOUT_LACKING)
    draft.refresh_from_db()
    sending.send(mailing=draft, by=None, confirmed=2)
    run_parts()
    assert {part.get_filename() for _, mail in relay.caught for part in mail.iter_attachments()} == names


def test_quote_in_the_name_of_a_file_for_all_is_kept(staff: Client, relay: Any) -> None:
    file = SimpleUploadedFile("the %22map%22%0a%0A.pdf", b"x")
    text = {"subject": "Fair", "body": "Hi", "body_format": "text", "attachments": [file]}
    assert staff.post("/mailings/new/", text).status_code == 302
    assert [file.name for file in Mailing.objects.get().attached_files()] == ['the "map"%0a.pdf']
