"""What is mailed about uploads, and stands in files they leave, is said in the language of the platform."""

import csv
import io
from collections.abc import Callable

import pytest

from jobs.models import Person, StoredFile
from jobs.testing import run_parts
from tests.switchyard.pseudo import speak, words_outside
from tests.uploads.offices import Office
from uploads.importing import begin_import
from uploads.models import Student, Upload
from uploads.undoing import begin_undo

HEAD = "number,first name,last name,email,major\n"
FILE = HEAD + "0017,Maya,Lee,maya@lee.example,Law\n0018,Ana,Lee,ana@lee.example,Law\n"
HEADINGS = {"problem", "student", "number", "first", "name", "last", "email", "major"}
DATA = {"Maya", "Ana", "Lee", "maya", "ana", "lee", "example", "Law", "Art", "students", "csv", "xlsx"}
GIVEN = HEADINGS | DATA | {"Northfield", "University", "Test", "Person"}


def texts_of(file: StoredFile | None) -> list[str]:
    """Return the file's name and its cells."""
    assert file is not None
    with file.content.open("rb") as source:
        lines = csv.reader(io.StringIO(source.read().decode("utf-8-sig"), newline=""))
        return [file.name, *(cell for line in lines for cell in line)]


def test_upload_speaks_the_language_of_the_platform(
    hand_in: Callable[..., Upload], office: Office, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch)
    first = hand_in(FILE)
    begin_import(upload=first, by=person)
    run_parts(lane="uploads")
    changed = hand_in(
        FILE.replace("Law", "Art") + "0018,Ana,Lee,ana,Art\n" + "1" * 90 + ",A\n", wants_mail=True
    )
    begin_import(upload=changed, by=person)
    run_parts(lane="uploads")
    Student.objects.update(major="Music")
    changed.refresh_from_db()
    begin_undo(upload=changed, by=person)
    run_parts(lane="uploads")
    run_parts(lane="mail")
    changed.refresh_from_db()
    texts = [text for letter in office.sent for text in (letter.subject, letter.text)]
    for file in (changed.error_file, changed.change_file, changed.kept_file):
        texts += texts_of(file)
    assert office.sent
    assert {text for text in texts if words_outside(text) - GIVEN} == set()
