"""A registrar's file with headings of its own, in a browser: chosen, checked, corrected, in, undone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from switchyard.demo.logins import LOGINS

from tests.browser.steps import END_WITHIN, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.journey]

STAFF = next(login for login in LOGINS if login.role == "staff")
CHOSEN = ["number", "first_name", "last_name", "", "email", "major", "graduation_year"]
REGISTRAR = (
    "Ref;Given Name(s);Family name;Private mail;Univ. Email;Programme of study;Grad Yr\n"
    "90017;Maya;Lee;maya@home.example;maya.lee(at)school.example;Nursing;2027\n"
    "90018;Tariq;Hansen;;tariq@school.example;Biology;27\n"
    "90019;Ana;Cruz;;ana@school.example;;\n"
)


def test_a_registrars_file_from_odd_headings_to_undoing(page: Page, tmp_path: Path) -> None:
    sign_in(page, email=STAFF.email)
    hand_in(page, tmp_path / "registrar.csv")
    choose_columns(page)
    correct_cells(page)
    page.get_by_role("button", name="Import 3 good rows").click()
    expect(page.get_by_text(re.compile("3 rows imported at"))).to_be_visible(timeout=END_WITHIN)
    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("was undone: 3 rows are as before it.")).to_be_visible(timeout=END_WITHIN)
    hand_in(page, tmp_path / "the next one.csv")
    expect(page.get_by_text(f"What {STAFF.name} chose on")).to_be_visible()
    assert [select.input_value() for select in page.locator("select").all()] == CHOSEN
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 1 good row")).to_be_visible(timeout=END_WITHIN)


def hand_in(page: Page, path: Path) -> None:
    path.write_text(REGISTRAR)
    page.goto("/uploads/new/")
    page.get_by_label("CSV file").set_input_files(path)
    page.get_by_role("button", name="Upload and check the file").click()
    expect(page.get_by_role("columnheader", name="Read as")).to_be_visible()


def choose_columns(page: Page) -> None:
    expect(page.get_by_text("Not found yet: student number.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Grad Yr")).locator("select")).to_have_value(
        "graduation_year"
    )
    page.get_by_label("Read “Private mail” as").select_option("email")
    page.get_by_role("button", name="Check the file").click()
    error = page.get_by_role("alert")
    expect(error).to_contain_text("“Private mail” and “Univ. Email” are both read as email.")
    expect(error).to_contain_text("No column is read as: student number.")
    page.get_by_label("Read “Private mail” as").select_option("")
    page.get_by_label("Read “Ref” as").select_option("number")
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("button", name="Import 1 good row")).to_be_visible(timeout=END_WITHIN)


def correct_cells(page: Page) -> None:
    page.get_by_label("Univ. Email in row 2").fill("maya.lee@school.example")
    page.get_by_label("Grad Yr in row 3").fill("2027")
    page.get_by_role("button", name="Save the corrections and check again").click()
    expect(page.get_by_role("button", name="Import 3 good rows")).to_be_visible(timeout=END_WITHIN)
    expect(page.get_by_text("2 corrected cells")).to_be_visible()
