"""Files in pickup folders that cannot be read: the school sees them, and who set them up is told why."""

from pathlib import Path
from unittest import mock

import pytest
from django.test import Client
from pytest_django import Settings

from jobs.models import Person, School
from jobs.testing import run_parts
from tests.uploads.offices import Office
from tests.uploads.pickups import HEAD, LATER, MAYA, make_rounds, names, wants
from uploads import picking_up
from uploads.models import PickupMode, Upload, UploadState

PICTURE = b"\x89PNG\r\n\x1a\n\0\0"


@pytest.fixture
def upload(folder: Path, school: School, person: Person, office: Office) -> Upload:
    """What became of a picture in the folder of a person."""
    wants(school, PickupMode.GOOD, by=person)
    (folder / "nightly.csv").write_bytes(PICTURE)
    make_rounds()
    run_parts(lane="mail")
    return Upload.objects.get()


def test_who_set_the_folder_up_is_told_why(upload: Upload, office: Office, person: Person) -> None:
    [letter] = office.sent
    assert letter.address == person.email
    assert letter.subject.startswith("nightly.csv: it cannot be read, and nothing was imported.")
    assert "This is a picture, not a CSV file." in letter.text


def test_the_school_sees_it_with_its_reason(client: Client, upload: Upload, person: Person) -> None:
    client.force_login(person)
    assert "nightly.csv" in client.get("/uploads/").content.decode()
    shown = client.get(f"/uploads/{upload.pk}/").content.decode()
    assert "This is a picture, not a CSV file." in shown
    assert "Download the file" in shown


def test_it_is_put_away_once_by_the_number_of_its_upload(
    folder: Path, upload: Upload, office: Office
) -> None:
    picking_up.pick_up(now=LATER)
    run_parts(lane="mail")
    name = f"nightly (upload {upload.pk}).csv"
    assert names(folder / "failed") == [name, f"{name}.txt"]
    assert (Upload.objects.count(), len(office.sent)) == (1, 1)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_it_is_received_it_is_told_of_once(
    folder: Path, school: School, person: Person, office: Office, *, after: bool
) -> None:
    wants(school, PickupMode.GOOD, by=person)
    (folder / "nightly.csv").write_bytes(PICTURE)
    real = picking_up.receive_unreadable

    def killed(**asked: object) -> None:
        if after:
            real(**asked)  # type: ignore[arg-type]
        raise SystemExit

    with mock.patch.object(picking_up, "receive_unreadable", killed), pytest.raises(SystemExit):
        make_rounds()
    make_rounds()
    run_parts(lane="mail")
    assert (Upload.objects.get().state, len(office.sent)) == (UploadState.REFUSED, 1)


def test_of_a_file_that_is_too_large_no_more_is_kept_than_its_name(
    client: Client, settings: Settings, folder: Path, person: Person, office: Office
) -> None:
    assert person.school is not None
    wants(person.school, PickupMode.GOOD, by=person)
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"upload_megabytes": 0.001}}
    (folder / "huge.csv").write_text(HEAD + MAYA * 30)
    make_rounds()
    run_parts(lane="mail")
    upload = Upload.objects.get()
    assert (upload.file.name, upload.file.size) == ("huge.csv", 0)
    assert "at most 0.001 MB can be uploaded" in office.sent[0].text
    client.force_login(person)
    assert "Download the file" not in client.get(f"/uploads/{upload.pk}/").content.decode()


def test_a_file_that_may_not_be_opened_is_told_of_and_keeps_no_other_waiting(
    folder: Path, school: School, person: Person, office: Office
) -> None:
    wants(school, PickupMode.GOOD, by=person)
    for name in ("closed.csv", "open.csv"):
        (folder / name).write_text(HEAD + MAYA)
    really = Path.open

    def opened(path: Path, *given: object, **named: object) -> object:
        if path.name.endswith("closed.csv"):
            raise PermissionError(path)
        return really(path, *given, **named)  # type: ignore[call-overload]

    with mock.patch.object(Path, "open", opened):
        make_rounds()
    run_parts(lane="mail")
    found = dict(Upload.objects.values_list("file__name", "state"))
    assert found == {"closed.csv": UploadState.REFUSED, "open.csv": UploadState.IMPORTED}
    assert "The platform may not read this file." in "".join(letter.text for letter in office.sent)
