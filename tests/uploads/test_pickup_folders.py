"""Folders of schools as their software leaves them: links, strange names, and what is no folder."""

from pathlib import Path
from unittest import mock

import pytest

from jobs.models import School
from jobs.testing import make_person
from tests.uploads.pickups import HEAD, MAYA, make_rounds, names, wants
from uploads import pickup_folders
from uploads.models import Pickup, PickupMode, Student, Upload, UploadState
from uploads.pickup_folders import put_away


def test_links_folders_and_what_is_still_written_stay(folder: Path, school: School, tmp_path: Path) -> None:
    wants(school, PickupMode.GOOD)
    secret = tmp_path / "secret.csv"
    secret.write_text(HEAD + MAYA)
    (folder / "link.csv").symlink_to(secret)
    (folder / "inner.csv").mkdir()
    for name in (".hidden.csv", "a.csv.part", "b.TMP"):
        (folder / name).write_text(HEAD + MAYA)
    before = names(folder)
    make_rounds()
    assert names(folder) == before
    assert not Upload.objects.exists()


def test_a_folder_that_is_away_keeps_no_other_from_being_looked_into(
    root: Path, folder: Path, school: School
) -> None:
    other = make_person().school
    assert other is not None
    (root / other.slug).write_text("no folder")
    Pickup.objects.create(school=other, dataset="students", mode=PickupMode.GOOD)
    wants(school, PickupMode.GOOD)
    (folder / "nightly.csv").write_text(HEAD + MAYA)
    make_rounds()
    assert Student.objects.get().school == school


def test_long_names_and_strange_files_are_no_obstacle(folder: Path, school: School) -> None:
    wants(school, PickupMode.CHECK)
    (folder / "taken" / "put here by somebody").write_text("x")
    (folder / f"{'n' * 240}.csv").write_text(HEAD + MAYA)
    make_rounds()
    assert len(names(folder / "done")) == 2
    assert names(folder / "taken") == ["put here by somebody"]


@pytest.mark.parametrize(
    "name", ["я" * 120 + ".csv", "\udcffnightly.csv", "night\nly.csv"], ids=["long", "no UTF-8", "two lines"]
)
def test_whatever_a_file_is_called_it_keeps_no_other_from_being_picked_up(
    folder: Path, school: School, name: str
) -> None:
    wants(school, PickupMode.GOOD)
    (folder / name).write_text(HEAD + MAYA)
    (folder / "zz.csv").write_text(HEAD + MAYA)
    make_rounds()
    assert Upload.objects.filter(state=UploadState.IMPORTED).count() == 2
    assert len(names(folder / "done")) == 4
    assert all("\n" not in upload.file.name for upload in Upload.objects.all())


@pytest.mark.parametrize("below", ["", "taken", "done", "failed"])
def test_a_link_leads_into_no_folder_of_another_school(
    root: Path, folder: Path, school: School, below: str
) -> None:
    other = make_person().school
    assert other is not None
    theirs = root / other.slug / "students"
    pickup_folders.make_folders(theirs)
    (theirs / "nightly.csv").write_text(HEAD + MAYA)
    taken = pickup_folders.take(theirs / "nightly.csv")
    (theirs / "next.csv").write_text(HEAD + MAYA)
    before = sorted(path.name for path in theirs.rglob("*"))
    folder.parent.mkdir()
    if below:
        folder.mkdir()
        (folder / "own.csv").write_text(HEAD + MAYA)
    (folder / below).symlink_to(theirs / below)
    wants(school, PickupMode.GOOD)
    make_rounds()
    assert not Upload.objects.exists()
    assert taken.path.exists()
    assert sorted(path.name for path in theirs.rglob("*")) == before


def test_a_report_is_there_before_its_file(folder: Path, school: School) -> None:
    wants(school, PickupMode.CHECK)
    (folder / "a.csv").write_text("a")
    taken = pickup_folders.take(folder / "a.csv")
    with mock.patch.object(Path, "replace", autospec=True) as replace:
        put_away(taken, into="done", called="upload 1", report="done")
    assert [call.args[1].name for call in replace.call_args_list] == [
        "a (upload 1).csv.txt",
        "a (upload 1).csv",
    ]
