"""Merge fields: strict, and with a hint for whoever mistypes one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails import merging

VALUES = {"first_name": "Ana", "last_name": "Öz", "school": "Northfield"}


def test_each_field_becomes_its_value() -> None:
    assert merging.read("{first_name} {last_name} of {school}").fill(VALUES) == "Ana Öz of Northfield"


def test_field_without_value_leaves_nothing() -> None:
    assert merging.read("Class of {graduation_year}.").fill(VALUES) == "Class of ."


def test_doubled_braces_are_literal() -> None:
    assert merging.read("{{first_name}} is {first_name}").fill(VALUES) == "{first_name} is Ana"


def test_value_that_looks_like_a_field_is_left_alone() -> None:
    assert merging.read("{first_name}").fill({"first_name": "{last_name}"}) == "{last_name}"


def test_unknown_field_is_named_with_a_hint() -> None:
    with pytest.raises(
        merging.WrongTemplate, match=r"no merge field \{firstname\}\. Did you mean first_name\?"
    ):
        merging.read("Hello {firstname}")


@pytest.mark.parametrize("text", ["a { b", "a } b", "{first_name", "{}}"])
def test_lone_brace_is_an_error(text: str) -> None:
    with pytest.raises(merging.WrongTemplate):
        merging.read(text)


def test_lone_brace_is_found_by_its_line() -> None:
    with pytest.raises(merging.WrongTemplate, match="line 3"):
        merging.read("one\ntwo\nthree }")


@given(st.text())
def test_any_text_with_doubled_braces_stays_what_it_was(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert merging.read(doubled).fill({}) == text


@pytest.mark.parametrize("value", ["a\nBcc: b@c.example", "a\rb", "a\0b"])
def test_header_value_with_a_line_break_is_refused(value: str) -> None:
    with pytest.raises(merging.HeaderBreak):
        merging.header_value(value)
