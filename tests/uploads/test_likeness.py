"""How alike headings are, and as what columns are offered to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.datasets import DATASETS, STUDENTS, Dataset
from uploads.headings import keys_of, shape_of
from uploads.likeness import by_letters, likeness, words_of
from uploads.suggesting import Suggestion, suggest

STUDENT = frozenset({"student"})


@pytest.mark.parametrize(
    ("one", "other", "changes"),
    [
        ("email", "email", 0),
        ("emial", "email", 1),
        ("emails", "email", 1),
        ("gradyear", "gradyer", 1),
        ("surname", "sirname", 1),
    ],
)
def test_letters_are_alike_less_the_share_that_was_changed(one: str, other: str, changes: int) -> None:
    assert by_letters(one, other) == pytest.approx(1 - changes / max(len(one), len(other)))


@given(st.text(max_size=12), st.text(max_size=12))
def test_likeness_is_the_same_from_both_sides_and_within_0_and_1(one: str, other: str) -> None:
    assert by_letters(one, other) == pytest.approx(by_letters(other, one))
    assert 0 <= likeness(one, other) <= 1 + 1e-9


def test_words_are_told_by_signs_and_capitals() -> None:
    assert words_of("studentFirst_Name(s)") == ["student", "first", "name"]
    assert words_of("E-Mail (university)") == ["email", "university"]
    assert words_of(" - / # ") == []


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Studnet ID", "student id"),
        ("Given Name(s)", "given name"),
        ("Last Name (legal)", "last name"),
        ("E-Mail (university)", "email"),
        ("Grad. Year", "graduation year"),
        ("class", "class year"),
        ("legalFirstName", "first name"),
        ("Univ. Email", "email"),
        ("Grad Yr", "grad year"),
    ],
)
def test_headings_that_mean_a_column_are_like_it(heading: str, name: str) -> None:
    assert likeness(heading, name, common=STUDENT) > 0


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Phone Number", "number"),
        ("Student Name", "student number"),
        ("Advisor", "student number"),
        ("City", "major"),
        ("Name", "first name"),
        ("", "email"),
    ],
)
def test_sharing_a_common_word_is_no_likeness(heading: str, name: str) -> None:
    assert likeness(heading, name, common=STUDENT) == 0


def read_as(suggestion: Suggestion) -> dict[str, str]:
    return {name: suggestion.headings[place] for name, place in suggestion.places.items()}


def test_names_go_before_likeness_and_each_heading_means_one_column() -> None:
    headings = ["Studnet No.", "Frist Name", "Surname", "Student Email", "E-Mail (private)", "Advisor"]
    found = suggest(headings, dataset=STUDENTS)
    assert read_as(found) == {
        "number": "Studnet No.",
        "first_name": "Frist Name",
        "last_name": "Surname",
        "email": "Student Email",
    }
    assert [found.why.get(place, "") for place in range(6)] == [
        "likeness",
        "likeness",
        "name",
        "name",
        "",
        "",
    ]
    assert not found.is_sure


def test_own_headings_alone_need_nobody() -> None:
    headings = [column.heading for column in STUDENTS.columns]
    assert suggest(["problem", *headings], dataset=STUDENTS).needs_nobody
    assert not suggest([*headings, "Advisor"], dataset=STUDENTS).needs_nobody
    assert suggest([*headings, "Advisor"], dataset=STUDENTS).is_sure


def test_two_headings_of_one_column_are_named_and_its_own_goes_first() -> None:
    found = suggest(["number", "first name", "last name", "Student Email", "Email"], dataset=STUDENTS)
    assert found.rivals == {"email": ["Email", "Student Email"]}
    assert read_as(found)["email"] == "Email"
    assert not found.is_sure


def test_required_columns_that_are_missing_are_named() -> None:
    found = suggest(["number", "first name", "Advisor", "Room"], dataset=STUDENTS)
    assert [column.name for column in found.missing] == ["last_name", "email"]
    assert found.can_be_completed
    assert not suggest(["number", "first name", "Advisor"], dataset=STUDENTS).can_be_completed


def test_what_was_chosen_holds_and_nothing_is_guessed_beside_it() -> None:
    headings = ["Email", "Email", "number", "First", "Last"]
    chosen = {"email": "", "email#2": "email", "number": "number", "first": "first_name", "last": "last_name"}
    found = suggest(headings, dataset=STUDENTS, chosen=chosen)
    assert found.places == {"email": 1, "number": 2, "first_name": 3, "last_name": 4}
    assert found.is_sure
    assert not found.needs_nobody


def test_a_shape_is_the_set_of_headings() -> None:
    assert shape_of(["E-Mail", "Number", "problem"]) == shape_of(["number", "email"])
    assert shape_of(["email"]) != shape_of(["email", "email"])
    assert keys_of(["Email", "e-mail", "", "", "Problem"]) == ["email", "email#2", "#", "#2", ""]


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.name)
def test_no_synonym_is_taken_for_another_column(dataset: Dataset) -> None:
    for column in dataset.columns:
        for name in (column.heading, *column.synonyms):
            found = suggest([name], dataset=dataset)
            assert list(found.places) == [column.name]
