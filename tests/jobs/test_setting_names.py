"""What pages call settings and their units, in English and in a reader's language."""

import re
from typing import Any

import pytest
from django.conf import settings

from jobs.changing import Unsound, require_sound
from jobs.lanes import Lane
from jobs.overrides import OVERRIDABLE, PLAIN_SECTIONS, name_of
from jobs.registry import kinds
from jobs.rules import FIELDS
from jobs.sections import Service
from jobs.setting_fields import About, WrongSetting, settings_of
from jobs.setting_names import VALUES, label_of, section_words, size_words
from jobs.setting_units import unit_words
from jobs.settings import SECTIONS, read, read_with
from jobs.templatetags.setting_words import with_unit
from tests.switchyard.pseudo import bare_texts, speak

SHOWN = [
    (item.name, about)
    for section in (Lane, Service, *(SECTIONS[name] for name in PLAIN_SECTIONS))
    for item, about in settings_of(section)
]
NUMBERS = [(name, about) for name, about in SHOWN if about.kind in (float, dict) and not about.choices]
WRONG_OVERRIDES: list[dict[str, Any]] = [
    {"lanes": {"fast": {"workers": 1}}},
    {"lanes": {"codes": {"is_vital": False}}},
    {"lanes": {"codes": {"rate": 0.05}}},
    {"lanes": {"mail": {"bytes_burst": 5}}},
    {"lanes": {"mail": {"most_workers": 1}}},
    {"lanes": {"mail": {"slow_companion": "mail"}}},
    {"lanes": {"mail": {"slow_companion": "codes"}}},
    {"lanes": {"mail": {"slow_companion": "mial-slow"}}},
    {"lanes": {"mail": {"slow_companion": "bulk"}, "bulk": {"slow_companion": "mail"}}},
    {"lanes": {"mail": {"rates_of_schools": {"northfield": -1}}}},
    {"breakers": {"first_pause_seconds": 10, "longest_pause_seconds": 5}},
    {"slownes": {"times": 2}},
    {"slowness": {"tmes": 2}},
    {"routes": 5},
    {"routes": [5]},
    {"routes": [{"kind": "emails.mailing"}]},
    {"routes": [{"kind": "emails.mailing", "lane": "mail", "scool": "x"}]},
    {"routes": [{"kind": "emails.mailing", "lane": "", "school": "x"}]},
    {"routes": [{"kind": "emails.mailing", "lane": "mail", "slower_than": 0}]},
    {"routes": [{"kind": "emails.mailing", "lane": "mail", "at_least": 5}]},
    {"routes": [{"kind": "emails.mailing", "lane": "mail", "at_least": {"units": -1}}]},
    {
        "routes": [
            {"kind": "emails.mailing", "lane": "mail", "at_least": {"units": 9}, "at_most": {"units": 1}}
        ]
    },
]
OF_CODES = {"kind": "emails.code", "lane": "codes"}
UNSOUND: list[dict[str, Any]] = [
    {"routes": [OF_CODES]},
    {"routes": [rule for rule in settings.SWITCHYARD["routes"] if len(rule) > len(OF_CODES)]},
    {"routes": [*settings.SWITCHYARD["routes"], {"kind": "emails.malling", "lane": "mail"}]},
    {
        "routes": [
            {"kind": "emails.code", "lane": "codes", "at_least": {"unis": 1}},
            *settings.SWITCHYARD["routes"],
        ]
    },
    {"supervision": {"lease_seconds": 1}},
]
NAMES = {
    "SWITCHYARD",
    "northfield",
    "hooks.internal",
    "x",
    "emails.malling",
    "unis",
    *settings.SWITCHYARD["lanes"],
    *(rule["kind"] for rule in settings.SWITCHYARD["routes"]),
    *(name for kind in kinds() for name in kind.all_sizes),
    *OVERRIDABLE,
    *VALUES,
}
"""What settings and their messages have in every language."""


def untranslated(text: str) -> set[str]:
    """Return the words of a text that are neither translated nor names."""
    return {word for bare in bare_texts(text) for word in re.findall(r"[A-Za-z][\w.-]*", bare)} - NAMES


def test_settings_are_called_by_their_names_in_english() -> None:
    assert {name: name.replace("_", " ") for name in VALUES} == VALUES
    assert label_of("bytes_rate") == "Bytes rate"
    assert name_of(("lanes", "bulk", "bytes_rate")) == "Lane bulk: bytes rate"
    assert name_of(("history", "jobs_days")) == "Retention: jobs days"


@pytest.mark.parametrize(("name", "about"), SHOWN)
def test_setting_on_a_page_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, name: str, about: About
) -> None:
    speak(monkeypatch)
    assert untranslated(" ".join([label_of(name), str(about.says), unit_words(about.unit)])) == set()


@pytest.mark.parametrize(("name", "about"), NUMBERS)
def test_number_with_its_unit_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, name: str, about: About
) -> None:
    told = {value: with_unit(value, about.unit) for value in (0.5, 1, 2)}
    if not about.unit.startswith("bytes"):
        assert told[0.5] == f"0.5 {about.unit}"
        assert told[2] == f"2 {about.unit}"
        assert told[1] == f"1 {' '.join([about.unit.split()[0].removesuffix('s'), *about.unit.split()[1:]])}"
    speak(monkeypatch)
    assert untranslated(" ".join(with_unit(value, about.unit) for value in told)) == set(), name


def test_sections_rules_and_sizes_are_called_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    sections = read(settings.SWITCHYARD)
    sizes = {name for kind in kinds() if kind.is_routed for name in kind.all_sizes}
    speak(monkeypatch)
    for name in PLAIN_SECTIONS:
        purpose = getattr(sections, name).purpose
        assert purpose
        assert untranslated(f"{section_words(name)} {purpose}") == set()
    words = [section_words("routes"), *map(label_of, FIELDS), *map(size_words, sizes)]
    assert untranslated(" ".join(words)) == set()


@pytest.mark.parametrize("overrides", WRONG_OVERRIDES)
def test_why_a_setting_cannot_work_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, overrides: dict[str, Any]
) -> None:
    speak(monkeypatch)
    with pytest.raises(WrongSetting) as refused:
        read_with(overrides)
    assert untranslated(refused.value.hint) == set()


@pytest.mark.parametrize("overrides", UNSOUND)
def test_why_settings_do_not_work_together_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, overrides: dict[str, Any]
) -> None:
    speak(monkeypatch)
    with pytest.raises(Unsound) as refused:
        require_sound(read_with(overrides), before=read(settings.SWITCHYARD))
    assert untranslated(str(refused.value)) == set()


@pytest.mark.parametrize(
    ("about", "value"),
    [
        (About(says="", unit="parts", is_whole=True, least=1), 0),
        (About(says="", unit="parts", is_whole=True, least=1, most=9), 10),
        (About(says="", unit="seconds"), 0),
        (About(says="", unit="seconds"), 1e9),
        (About(says="", unit="units", is_optional=True, least=0.1), 0),
        (About(says="", unit="word", choices=("mail", "bulk")), "c"),
        (About(says="", unit="yes or no", kind=bool), 1),
        (About(says="", unit="title", kind=str), 1),
        (About(says="", unit="list", kind=list), 1),
        (About(says="", unit="units", kind=dict), 1),
    ],
)
def test_what_to_write_instead_is_told_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, about: About, value: object
) -> None:
    speak(monkeypatch)
    assert untranslated(about.why_not(value)) == set()
    assert about.why_not(value)
