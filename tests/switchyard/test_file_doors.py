"""Every door by which files come in looks at them first; what comes out is a download that nothing opens."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from emails.models import Mailing
from jobs import tokens
from jobs.models import Person, PersonEvent, Scope, StoredFile
from jobs.testing import make_person, make_school
from packets.models import PacketTemplate
from tests.packets.filling import filled_in, picture
from tests.scanner import FOUND, INFECTED, Scanner
from tests.switchyard.every_address import every_address
from tests.switchyard.everything import Everything
from tests.switchyard.test_tenancy import Visitor
from tests.uploads.pickups import HEAD, MAYA, make_rounds, wants
from uploads import picking_up
from uploads.models import Upload
from uploads.pickup_folders import Watch

pytestmark = pytest.mark.django_db

DATA = (HEAD + MAYA).encode()
PROGRAM = b"MZ\x90\0\x03" + bytes(100)
AWAY = "the virus scanner does not answer"
Door = Callable[[Client, Person, bytes], str]


def draft_of(person: Person) -> Mailing:
    assert person.school is not None
    return Mailing.objects.create(school=person.school, subject="Fair", body="Hi", created_by=person)


def attach(client: Client, _person: Person, content: bytes) -> str:
    sent = {"subject": "Fair", "body": "Hi", "attachments": [SimpleUploadedFile("map.pdf", content)]}
    return str(client.post("/mailings/new/", sent).content.decode())


def hand_in(client: Client, person: Person, content: bytes) -> str:
    page = f"/mailings/{draft_of(person).pk}/own-files/"
    return str(client.post(page, {"chosen": [SimpleUploadedFile("00001.pdf", content)]}).content.decode())


def hand_in_packed(client: Client, person: Person, content: bytes) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("00001.pdf", content)
    page = f"/mailings/{draft_of(person).pk}/own-files/"
    sent = {"chosen": [SimpleUploadedFile("all.zip", archive.getvalue())]}
    return str(client.post(page, sent).content.decode())


def upload(client: Client, _person: Person, content: bytes) -> str:
    sent = {"file": SimpleUploadedFile("students.csv", content), "key": str(uuid4())}
    return str(client.post("/uploads/new/", sent).content.decode())


def upload_by_program(_client: Client, person: Person, content: bytes) -> str:
    assert person.school is not None
    _, token = tokens.make(school=person.school, name="Sync", scopes=[Scope.READ, Scope.SUBMIT], by=person)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    answer = Client().put("/api/v1/uploads", content, content_type="text/csv", headers=headers)
    return str(answer.content.decode())


def draw_logo(client: Client, _person: Person, content: bytes) -> str:
    sent = filled_in(new_logo=SimpleUploadedFile("logo.png", content))
    return str(client.post("/packets/templates/new/", sent).content.decode())


DOCUMENTS: dict[str, Door] = {"attachment": attach, "own file": hand_in, "own file packed": hand_in_packed}
DATA_FILES: dict[str, Door] = {"upload": upload, "program": upload_by_program}
GOOD: dict[str, bytes] = {
    **dict.fromkeys(DOCUMENTS, b"%PDF-1.7 map"),
    **dict.fromkeys(DATA_FILES, DATA),
    "logo": picture(),
}
DOORS: dict[str, Door] = {**DOCUMENTS, **DATA_FILES, "logo": draw_logo}


@pytest.fixture
def person() -> Person:
    return make_person(school=make_school())


@pytest.fixture
def client(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def root(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The folder below which files are picked up; the process has seen nothing of it before."""
    settings.PICKUP = {"folder": str(tmp_path / "pickup"), "stable_seconds": 30}
    with mock.patch.object(picking_up, "watch", Watch()):
        yield tmp_path / "pickup"


def nothing_was_kept() -> bool:
    return not (StoredFile.objects.exists() or Upload.objects.exists() or PacketTemplate.objects.exists())


@pytest.mark.parametrize("door", DOORS)
def test_clean_file_comes_in(door: str, client: Client, person: Person, scanner: Scanner) -> None:
    DOORS[door](client, person, GOOD[door])
    assert StoredFile.objects.exists()
    assert scanner.scanned == [GOOD[door]]


@pytest.mark.parametrize("door", DOORS)
def test_infected_file_is_refused(door: str, client: Client, person: Person, scanner: Scanner) -> None:
    said = DOORS[door](client, person, GOOD[door] + INFECTED)
    assert f"was not taken: the virus scanner found {FOUND} in it" in said
    assert nothing_was_kept()
    assert PersonEvent.objects.get().about == person


@pytest.mark.parametrize("door", DOORS)
def test_while_the_scanner_is_away_nothing_comes_in(
    door: str, client: Client, person: Person, settings: Settings
) -> None:
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    assert AWAY in DOORS[door](client, person, GOOD[door])
    assert nothing_was_kept()


@pytest.mark.parametrize("content", [PROGRAM, b"GIF89a", b"<html>"], ids=["program", "picture", "page"])
@pytest.mark.parametrize("door", DOORS)
def test_file_that_is_not_what_it_is_called_is_refused(
    door: str, content: bytes, client: Client, person: Person
) -> None:
    DOORS[door](client, person, content)
    assert nothing_was_kept()


def test_file_in_a_folder_waits_for_the_scanner(
    person: Person, scanner: Scanner, settings: Settings, root: Path
) -> None:
    assert person.school is not None
    wants(person.school, "check", by=person)
    settings.CLAMAV_ADDRESS = "127.0.0.1:1"
    (root / person.school.slug / "students" / "new.csv").write_bytes(DATA)
    make_rounds()
    assert nothing_was_kept()
    settings.CLAMAV_ADDRESS = scanner.address
    make_rounds()
    assert Upload.objects.get().state == "checked"


def test_infected_file_in_a_folder_is_put_away(
    person: Person, scanner: Scanner, settings: Settings, root: Path
) -> None:
    assert person.school is not None
    wants(person.school, "check", by=person)
    (root / person.school.slug / "students" / "new.csv").write_bytes(DATA + INFECTED)
    make_rounds()
    assert FOUND in Upload.objects.get().reason
    assert StoredFile.objects.get().size == 0


FILES_ONLY_SHOWN = {"packets:picture": "a picture of a page that we drew ourselves"}


def test_every_download_is_one_that_no_browser_opens() -> None:
    school = Everything(number=31_007, mark="Ourquill")
    visitor, seen = Visitor(make_person(school=school.school)), set()
    for address in every_address(number=school.number, slug=school.school.slug):
        if address.path.startswith(("/api/", "/admin/", "/ops/", "/static/", "/status/")):
            continue
        headers: Any = visitor.ask(address).headers
        assert headers.get("X-Content-Type-Options") == "nosniff", address
        kind = headers.get("Content-Type", "text/html").partition(";")[0]
        if (
            kind not in {"text/html", "text/plain", "application/json"}
            and address.name not in FILES_ONLY_SHOWN
        ):
            assert headers.get("Content-Disposition", "").startswith("attachment"), address
            seen.add(address.name)
    assert {"jobs:file", "emails:recipients-csv", "packets:record-csv", "uploads:template"} <= seen
