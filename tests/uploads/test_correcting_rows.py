"""Rows with too few or too many cells, corrected on the page cell by cell."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Person
from jobs.testing import make_person, run_parts
from uploads.correcting import Typed, correct_cells
from uploads.importing import begin_import
from uploads.models import Correction, Student, Upload

HandIn = Callable[..., Upload]
HEAD = "number,first name,last name,email,major,graduation year\n"
ANA = "0017,Ana,Cruz,ana@school.example,Nursing,2027\n"
SHORT = "0018,Tariq,tariq@school.example,Law\n"
"""Without a last name."""
LONG = "0019,Eva,Lee,eva@school.example,Nursing,2027,of,it\n"
EVA_TAKEN = {"take-4-0": "on"}
TARIQ, EVA = 3, 4
"""Rows."""


@pytest.fixture
def client(client: Client, person: Person) -> Client:
    """A browser in which the person is signed in."""
    client.force_login(person)
    return client


@pytest.fixture
def upload(hand_in_odd: HandIn) -> Upload:
    """A checked upload with a good row, one that is too short, and one that is too long."""
    return hand_in_odd(HEAD + ANA + SHORT + LONG)


def page(client: Client, upload: Upload) -> str:
    return client.get(f"/uploads/{upload.pk}/").content.decode()


def save(client: Client, upload: Upload, **sent: str) -> int:
    """Send fields, let the check run, and return the status."""
    status = client.post(f"/uploads/{upload.pk}/cells/", sent).status_code
    run_parts(lane="uploads")
    upload.refresh_from_db()
    return status


def row(number: int, was: list[str], now: list[str]) -> dict[str, str]:
    """Return what the fields of a row send."""
    sent = {}
    for place, (before, after) in enumerate(zip(was, now, strict=True)):
        sent |= {f"was-{number}-{place}": before, f"now-{number}-{place}": after}
    return sent


TARIQ_WAS = ["0018", "Tariq", "tariq@school.example", "Law", "", ""]
TARIQ_NOW = ["0018", "Tariq", "Hansen", "tariq@school.example", "Law", ""]


def test_each_such_row_has_a_field_for_each_heading(client: Client, upload: Upload) -> None:
    shown = page(client, upload)
    for place, value in enumerate(TARIQ_WAS):
        assert f'name="now-3-{place}" value="{value}"' in shown
    assert 'name="now-4-5" value="2027"' in shown
    assert "left out: “of”, “it”" in shown
    assert 'name="take-4-0"' in shown


def test_a_short_row_is_taken_with_what_was_typed(client: Client, upload: Upload, person: Person) -> None:
    assert save(client, upload, **row(TARIQ, TARIQ_WAS, TARIQ_NOW)) == 302
    assert (upload.new_rows, upload.wrong_rows) == (2, 1)
    assert begin_import(upload=upload, by=person)
    run_parts(lane="uploads")
    assert Student.objects.values_list("last_name", "email", "major").get(number="0018") == (
        "Hansen",
        "tariq@school.example",
        "Law",
    )


def test_a_long_row_is_taken_as_it_stands_below_the_headings(client: Client, upload: Upload) -> None:
    assert save(client, upload, **EVA_TAKEN, **{"was-4-0": "0019", "now-4-0": "0019"}) == 302
    assert (upload.new_rows, upload.wrong_rows) == (2, 1)
    assert "1 corrected cell" in page(client, upload)


def test_fields_that_nobody_touched_leave_such_rows_wrong(client: Client, upload: Upload) -> None:
    save(client, upload, **row(TARIQ, TARIQ_WAS, TARIQ_WAS))
    assert not Correction.objects.exists()
    assert upload.wrong_rows == 2


def test_what_is_wrong_in_a_corrected_row_has_a_field_of_its_own(client: Client, upload: Upload) -> None:
    save(client, upload, **row(TARIQ, TARIQ_WAS, [*TARIQ_NOW[:5], "27"]))
    shown = page(client, upload)
    assert 'name="now-3-5" value="27"' in shown
    assert 'name="take-3-0"' not in shown
    save(client, upload, **{"was-3-5": "27", "now-3-5": "2027"})
    assert (upload.new_rows, upload.wrong_rows) == (2, 1)


def test_a_corrected_row_that_repeats_an_earlier_one_is_told_of(client: Client, upload: Upload) -> None:
    save(client, upload, **row(TARIQ, TARIQ_WAS, ["0017", *TARIQ_NOW[1:]]))
    assert "Row 2 has the same number." in page(client, upload)


def test_a_row_is_found_where_it_stands_among_the_others(client: Client, hand_in_odd: HandIn) -> None:
    first = "0020,Maya\n"
    upload = hand_in_odd(HEAD + first + ANA.replace("ana@", "maya@"))
    now = ["0020", "Maya", "Lee", "maya@school.example", "", ""]
    save(client, upload, **row(2, ["0020", "Maya", "", "", "", ""], now))
    assert (upload.new_rows, upload.wrong_rows) == (1, 1)
    assert "Row 2 has the same email." in page(client, upload)


def test_the_error_file_has_corrected_rows_that_are_wrong_still(client: Client, upload: Upload) -> None:
    save(client, upload, **row(TARIQ, TARIQ_WAS, [*TARIQ_NOW[:5], "27"]))
    assert upload.error_file is not None
    with upload.error_file.content.open("rb") as file:
        text = file.read().decode("utf-8-sig")
    assert ",0018,Tariq,Hansen,tariq@school.example,Law,27\r\n" in text


def test_a_file_of_such_rows_alone_can_be_corrected(client: Client, hand_in_odd: HandIn) -> None:
    upload = hand_in_odd(HEAD + LONG)
    save(client, upload, **{"was-2-0": "0019", "now-2-0": "0019", "take-2-0": "on"})
    assert (upload.new_rows, upload.wrong_rows) == (1, 0)


def test_columns_that_are_not_read_have_no_field(client: Client, hand_in_odd: HandIn) -> None:
    upload = hand_in_odd("shoe size," + HEAD + "42," + ANA + "43," + LONG)
    names = ["", "number", "first_name", "last_name", "email", "major", "graduation_year"]
    client.post(f"/uploads/{upload.pk}/columns/", {f"c{place}": name for place, name in enumerate(names)})
    run_parts(lane="uploads")
    shown = page(client, upload)
    assert 'name="now-3-1" value="0019"' in shown
    assert "now-3-0" not in shown


def test_who_comes_second_to_a_row_is_told_of_the_cells_that_both_typed(
    upload: Upload, person: Person
) -> None:
    other, now = make_person(school=upload.school), timezone.now()

    def typed(name: str) -> list[Typed]:
        cells = zip(TARIQ_WAS, [*TARIQ_NOW[:2], name, *TARIQ_NOW[3:]], strict=True)
        return [Typed(row=TARIQ, place=place, was=was, now=new) for place, (was, new) in enumerate(cells)]

    assert correct_cells(upload=upload, typed=typed("Hansen"), by=other, now=now).saved == 3
    done = correct_cells(upload=upload, typed=typed("Hanssen"), by=person, now=now)
    assert [clash.typed.now for clash in done.clashes] == ["Hanssen"]


def test_taking_a_row_that_another_person_corrected_is_no_clash(upload: Upload, person: Person) -> None:
    other, now = make_person(school=upload.school), timezone.now()
    key = Typed(row=EVA, place=0, was="0019", now="0020")
    correct_cells(upload=upload, typed=[key], by=other, now=now)
    taken = Typed(row=EVA, place=0, was="0019", now="0019", is_taken=True)
    assert not correct_cells(upload=upload, typed=[taken], by=person, now=now).clashes
    assert upload.corrections.get().value == "0020"
