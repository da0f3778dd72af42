"""Files picked up from folders: taken once they are complete, imported as the school wants, never twice."""

from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.core.checks import Error
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from jobs import rounds
from jobs.models import Job, Person, Role, School
from jobs.testing import make_person
from tests.uploads.pickups import HEAD, LATER, MAYA, NOW, make_rounds, names, wants
from uploads.checks import check_pickup
from uploads.models import Pickup, PickupMode, Student, Upload, UploadState
from uploads.picking_up import pick_up

WRONG = "0019,Ana,Cruz,ana,,\n"
ODD = "Ref,Given,Family,Email\n0017,Maya,Lee,maya@school.example\n"


def test_a_file_is_imported_and_put_away_with_a_report(folder: Path, school: School, person: Person) -> None:
    wants(school, PickupMode.GOOD, by=person)
    (folder / "nightly.csv").write_text(HEAD + MAYA + WRONG)
    make_rounds()
    upload = Upload.objects.get()
    assert (upload.state, upload.created_by, Student.objects.count()) == (UploadState.IMPORTED, person, 1)
    assert names(folder) == ["done", "failed", "taken"]
    assert names(folder / "taken") == names(folder / "failed") == []
    name = f"nightly (upload {upload.pk}).csv"
    assert names(folder / "done") == [name, f"{name}.txt"]
    assert (folder / "done" / name).read_text() == HEAD + MAYA + WRONG
    report = (folder / "done" / f"{name}.txt").read_text()
    assert "nightly.csv: it is imported." in report
    assert "        1 new" in report
    assert "1 \u00d7 email: It is not an e-mail address." in report


def test_a_file_is_taken_once_it_has_not_changed_for_so_long(folder: Path, school: School) -> None:
    wants(school, PickupMode.CHECK)
    growing = folder / "growing.csv"
    growing.write_text(HEAD)
    pick_up(now=NOW)
    growing.write_text(HEAD + MAYA)
    pick_up(now=LATER)
    assert not Upload.objects.exists()
    pick_up(now=LATER + timedelta(seconds=29))
    assert growing.exists()
    pick_up(now=LATER + timedelta(seconds=30))
    assert not growing.exists()
    assert Upload.objects.get().file.size == len(HEAD + MAYA)


def test_a_check_alone_waits_for_staff(folder: Path, school: School) -> None:
    wants(school, PickupMode.CHECK)
    (folder / "nightly.csv").write_text(HEAD + MAYA)
    make_rounds()
    assert Upload.objects.get().state == UploadState.CHECKED
    assert "waits to be imported" in (folder / "done" / names(folder / "done")[1]).read_text()
    assert not Student.objects.exists()


def test_nothing_is_imported_while_a_row_is_wrong_where_all_are_to_be_right(
    folder: Path, school: School
) -> None:
    wants(school, PickupMode.ALL)
    (folder / "nightly.csv").write_text(HEAD + MAYA + WRONG)
    make_rounds()
    assert not Student.objects.exists()
    assert (
        "nothing was imported because a row is wrong"
        in (folder / "failed" / names(folder / "failed")[1]).read_text()
    )


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "This is a picture"),
        (b"", "is empty"),
        (HEAD.encode(), "no rows below"),
        ((HEAD + MAYA + '0099,"Ana').encode(), "Row 3 cannot be read"),
        (ODD.encode(), "its columns are not sure"),
    ],
)
def test_what_cannot_be_imported_is_put_away_with_the_reason(
    folder: Path, school: School, data: bytes, sentence: str
) -> None:
    wants(school, PickupMode.GOOD)
    (folder / "nightly.csv").write_bytes(data)
    make_rounds()
    assert names(folder / "done") == names(folder / "taken") == []
    file, report = names(folder / "failed")
    assert (folder / "failed" / file).read_bytes() == data
    assert sentence in (folder / "failed" / report).read_text()
    assert not Student.objects.exists()


@pytest.mark.parametrize(
    "killed_at",
    ["uploads.pickup_folders.take", "uploads.picking_up.receive", "uploads.importing.begin_import"],
)
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_step_a_file_is_imported_once(
    folder: Path, school: School, killed_at: str, *, after: bool
) -> None:
    wants(school, PickupMode.GOOD)
    (folder / "nightly.csv").write_text(HEAD + MAYA)
    module, _, name = killed_at.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def killed(*given: object, **named: object) -> None:
        if after:
            real(*given, **named)
        raise SystemExit

    with mock.patch(killed_at, killed), pytest.raises(SystemExit):
        make_rounds()
    make_rounds()
    assert Upload.objects.get().state == UploadState.IMPORTED
    assert Job.objects.filter(kind="uploads.import").count() == 1
    assert len(names(folder / "done")) == 2


@pytest.mark.parametrize("step", ["write_text", "replace"])
def test_killed_while_it_is_put_away_a_file_is_put_away_again(
    folder: Path, school: School, step: str
) -> None:
    wants(school, PickupMode.CHECK)
    (folder / "nightly.csv").write_text(HEAD + MAYA)
    with mock.patch.object(Path, step, side_effect=SystemExit), pytest.raises(SystemExit):
        make_rounds()
    make_rounds()
    assert names(folder / "taken") == []
    assert [name for name in names(folder / "done") if not name.startswith(".")] == [
        f"nightly (upload {Upload.objects.get().pk}).csv",
        f"nightly (upload {Upload.objects.get().pk}).csv.txt",
    ]


def test_the_same_name_again_overwrites_nothing(folder: Path, school: School) -> None:
    wants(school, PickupMode.GOOD)
    for _ in range(2):
        (folder / "nightly.csv").write_text(HEAD + MAYA)
        make_rounds()
    assert Upload.objects.count() == 2
    assert len(names(folder / "done")) == 4


def test_a_folder_of_which_nothing_was_said_is_left_alone(folder: Path, school: School) -> None:
    folder.mkdir(parents=True)
    (folder / "nightly.csv").write_text(HEAD + MAYA)
    make_rounds()
    assert names(folder) == ["nightly.csv"]


def test_rounds_go_on_when_one_fails(school: School) -> None:
    done = mock.Mock()
    with mock.patch.object(rounds, "_offered", [mock.Mock(side_effect=OSError), done]):
        rounds.make_rounds(now=NOW)
    done.assert_called_once_with(now=NOW)


def test_a_folder_that_is_none_stops_the_start(settings: Settings, tmp_path: Path) -> None:
    found = []
    for folder in ("relative/folder", str(tmp_path / "missing"), str(tmp_path), ""):
        settings.PICKUP = {"folder": folder}
        found.append([error.id for error in check_pickup() if isinstance(error, Error)])
    assert found == [["uploads.E001"], ["uploads.E002"], [], []]


def test_staff_say_what_is_done_with_files(
    client: Client, root: Path, school: School, person: Person
) -> None:
    client.force_login(person)
    assert "/uploads/pickup/" in client.get("/uploads/").content.decode()
    assert f"<code>{school.slug}/students</code>" in client.get("/uploads/pickup/").content.decode()
    client.post("/uploads/pickup/", {"students": "good", "employers": "check"})
    found = Pickup.objects.order_by("dataset").values_list("school", "dataset", "mode", "set_by")
    assert list(found) == [
        (school.pk, "employers", "check", person.pk),
        (school.pk, "students", "good", person.pk),
    ]
    client.post("/uploads/pickup/", {"students": "all"})
    assert list(Pickup.objects.values_list("dataset", "mode")) == [("students", "all")]
    assert client.post("/uploads/pickup/", {"students": "everything"}).status_code == 422


def test_who_may_make_no_programs_changes_no_pickup(
    client: Client, root: Path, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sender = make_person(school=school, role=Role.SENDER)
    client.force_login(sender)
    assert client.post("/uploads/pickup/", {"students": "good"}).status_code == 403
    client.force_login(make_person(school=school))
    with django_assert_max_num_queries(4):
        client.get("/uploads/pickup/")


def test_without_a_folder_the_page_says_so(client: Client, person: Person) -> None:
    client.force_login(person)
    assert "picks up no files yet" in client.get("/uploads/pickup/").content.decode()
    assert "/uploads/pickup/" not in client.get("/uploads/").content.decode()
