"""An upload whose jobs were pruned: its page still opens, and the wrong rows are gone with their file."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from jobs.models import Job, Person
from jobs.pruning import prune
from jobs.testing import run_parts
from uploads.importing import begin_import
from uploads.models import Upload

HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
WRONG = "0019,Ana,Cruz,none,,\n"


def test_page_of_an_upload_outlives_its_jobs(
    client: Client, person: Person, hand_in: Callable[..., Upload]
) -> None:
    client.force_login(person)
    upload = hand_in(HEAD + MAYA + WRONG)
    begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    assert upload.error_file is not None
    Job.objects.update(ended_at="2020-01-01T00:00Z")
    prune(now=timezone.now())
    assert not Job.objects.exists()
    upload.refresh_from_db()
    assert (upload.check_job, upload.import_job, upload.error_file) == (None, None, None)
    page = client.get(f"/uploads/{upload.pk}/")
    assert page.status_code == 200
    assert "1 row imported" in page.content.decode()
    assert client.get("/uploads/").status_code == 200
