"""Merge fields: strict, bounded, and with a hint for whoever mistypes one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails import merging
from emails.templating import CannotFill, WrongTemplate
from jobs.directory import Student

VALUES = {**merging.FIELDS, "first_name": "Ana", "last_name": "Öz", "school": "Northfield"}

# Liquid's interpreter makes one line break of each of the others.
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"))


def filled(text: str, *, is_html: bool = False, **values: str) -> str:
    return merging.read(text, is_html=is_html).fill({**VALUES, **values})


def test_each_field_becomes_its_value() -> None:
    assert filled("{{ first_name }} {{last_name}} of {{- school }}") == "Ana Öz ofNorthfield"


def test_every_column_of_a_student_is_a_field() -> None:
    fixed: dict[str, Any] = {
        name: name for name in merging.FIELDS if name not in {"school", "graduation_year"}
    }
    student = Student(id=1, graduation_year=2027, **fixed)
    values = merging.values_of(student, school_name="Northfield")
    assert values == {**fixed, "graduation_year": "2027", "school": "Northfield"}
    assert set(Student.__dataclass_fields__) - {"id"} == merging.FIELDS.keys() - {"school"}


def test_field_without_value_leaves_nothing() -> None:
    assert filled("Class of {{ graduation_year }}.", graduation_year="") == "Class of ."


def test_default_stands_in_for_an_empty_value() -> None:
    assert filled("Dear {{ first_name | default: 'student' }}", first_name="") == "Dear student"


def test_condition_chooses() -> None:
    text = "{% if major == 'Law' %}Jurists{% else %}All{% endif %}"
    assert [filled(text, major=major) for major in ("Law", "")] == ["Jurists", "All"]


def test_single_braces_are_literal() -> None:
    assert filled("a { b } }} {x}") == "a { b } }} {x}"


def test_field_in_single_braces_is_told_how_it_is_written_now() -> None:
    with pytest.raises(WrongTemplate, match=r"Line 2: write \{\{ first_name \}\}, with two braces"):
        merging.read("Hello\n{First_name}")


def test_value_that_looks_like_a_field_is_left_alone() -> None:
    assert filled("{{ first_name }}", first_name="{{ last_name }}") == "{{ last_name }}"


def test_value_in_html_is_data() -> None:
    assert filled("{{ first_name }}", is_html=True, first_name="<b>\"'&") == "&lt;b&gt;&quot;&#x27;&amp;"


def test_words_between_quotes_in_html_are_data_too() -> None:
    assert filled("{{ '<script>' }}", is_html=True) == "&lt;script&gt;"


def test_unknown_field_is_named_with_a_hint() -> None:
    with pytest.raises(
        WrongTemplate, match=r"no merge field \{\{ firstname \}\}\. Did you mean first_name\? The fields are"
    ):
        merging.read("Hello {{ firstname }}")


def test_unknown_field_within_a_condition_is_named() -> None:
    with pytest.raises(WrongTemplate, match=r"no merge field \{\{ majors \}\}"):
        merging.read("{% if majors == 'Law' %}x{% endif %}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\ntwo {{ first_name", "Line 2"),
        ("{{ first name }}", "Line 1"),
        ("{% if major %}x", "endif"),
        ("{% endfor %}", "endfor"),
        ("{{ }}", "Line 1"),
        ("{{ first_name.size }}", "no merge field"),
        ("{{ first_name | upcas }}", "no filter 'upcas'. Did you mean 'upcase'?"),
        ("\n{% include 'x' %}", "Line 2: there is no {% include %} in a mail"),
        ("{% render 'x' %}", "no {% render %}"),
        ("{% raw %}{{ <script> }}{% endraw %}", "no {% raw %}"),
        ("{% assign x = 1 %}", "no {% assign %}"),
        ("{% for i in (1..5000) %}x{% endfor %}", "loop iteration limit"),
        ("{% for i in (1..900) %}{% for j in (1..900) %}x{% endfor %}{% endfor %}", "loop iteration limit"),
        ("{% for i in (1..900) %}" + "x" * 1000 + "{% endfor %}", "output stream limit"),
        ("x" * 500_001, "too long"),
        ("{{ first_name | slice: 'x' }}", "cannot be filled in"),
    ],
)
def test_what_no_mail_can_be_made_of_is_told_when_it_is_saved(text: str, said: str) -> None:
    with pytest.raises(WrongTemplate) as refused:
        merging.read(text)
    assert said in str(refused.value)


def test_field_without_any_value_is_refused_for_its_recipient() -> None:
    with pytest.raises(CannotFill, match="major"):
        merging.read("{{ major }}").fill({"first_name": "Ana"})


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("{{ first_name }} {{ major | upcase }}", {"first_name", "major"}),
        ("{{ first_name | default: 'you' }}", set()),
        ("{% if major != '' %}{{ major }}{% endif %}{{ number }}", {"number"}),
        ("{% for i in (1..2) %}{{ i }}{{ major }}{% endfor %}", {"major"}),
        ("{{ 'Class of ' | append: graduation_year }}", {"graduation_year"}),
        ("{% unless major == 'x' %}{{ last_name }}{% endunless %}", {"last_name"}),
        ("{% case major %}{% when 'Law' %}{{ major }}{% else %}{{ email }}{% endcase %}", {"email"}),
    ],
)
def test_fields_that_leave_a_gap_are_known(text: str, needed: set[str]) -> None:
    assert merging.read(text).needed == needed


@given(st.text())
def test_any_text_with_its_braces_quoted_stays_what_it_was(text: str) -> None:
    assert filled(text.replace("{", '{{ "{" }}')) == text


@given(st.fixed_dictionaries(dict.fromkeys(("first_name", "major"), TEXTS)), st.booleans())
def test_quick_form_of_a_template_says_the_same(given_values: dict[str, str], is_html: bool) -> None:  # noqa: FBT001 - drawn
    template = merging.read("a{{ first_name }}{{major | url_encode}}\n{{- major }} b", is_html=is_html)
    assert template.straight is not None
    assert template.liquid is not None
    values = {**VALUES, **given_values}
    assert template.fill(values) == template.liquid.render(values)


@pytest.mark.parametrize(
    "text", ["{{ major | upcase }}", "{% if major %}a{% endif %}", "{{ 'a' }}", "{{ 1 }}"]
)
def test_template_with_more_than_fields_has_no_quick_form(text: str) -> None:
    assert merging.read(text).straight is None


def test_text_is_compiled_once() -> None:
    assert merging.read("Dear {{ first_name }}") is merging.read("Dear {{ first_name }}")


@pytest.mark.parametrize(
    ("subject", "shown"),
    [
        ("Autumn fair", "Autumn fair"),
        ("Dear {{ first_name }}, the fair", "Dear [first name], the fair"),
        ('{{ first_name | default: "student" }} at {{ school }}', "[first name] at Northfield"),
        ('{% if major == "Law" %}Moot court{% else %}Fair{% endif %}', "Fair"),
        ('{% if major == "Law" %}Moot court{% endif %}', '{% if major == "Law" %}Moot court{% endif %}'),
        ("{{ shoe_size }}", "{{ shoe_size }}"),
        ("{first_name}", "{first_name}"),
    ],
)
def test_subject_is_shown_with_names_where_fields_will_be(subject: str, shown: str) -> None:
    assert merging.readable(subject, school_name="Northfield") == shown
