"""What the settings pages answer to what somebody typed is said in the reader's language."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs import staffing
from jobs.models import Person, Role
from jobs.processes import WORDS
from jobs.settings import switchyard
from jobs.settings_pages.numbers import NumberField
from jobs.settings_pages.sharing import WHOSE, WHOSE_EMPTY
from jobs.settings_pages.warning import warnings_of
from jobs.testing import make_person
from tests.jobs.settings_pages.conftest import form_on, send, text_of
from tests.switchyard.pseudo import bare_texts, speak

HOLDS = "/ops/settings/holds/"


def untranslated(text: str) -> list[str]:
    """Return what a text has outside of messages, but numbers and what the test put in."""
    return [bare for bare in bare_texts(text) if re.search(r"[^\W\d_]{2}", bare.replace("MARK", ""))]


@pytest.mark.parametrize(
    "values",
    [
        {"school_workers": 25, "workers": 24},
        {"service_workers": 25, "workers": 24},
        {"burst": 0.5, "rate": 5},
        {"rate": 1, "is_vital": True},
        {"school_rate": 1, "is_vital": True},
    ],
)
def test_warnings(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, Any]) -> None:
    speak(monkeypatch)
    assert warnings_of(values)
    assert untranslated(" ".join(warnings_of(values).values())) == []


@pytest.mark.parametrize("typed", ["14,5", "1,000", "1,000,000"])
def test_numbers_with_commas(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    speak(monkeypatch)
    with pytest.raises(forms.ValidationError) as refused:
        NumberField().clean(typed)
    assert untranslated(str(refused.value.messages[0])) == []


def test_sentences_with_what_is_put_into_them(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict.fromkeys(("by", "before", "after", "own", "written", "times", "workers"), "MARK")
    speak(monkeypatch)
    sentences = [WHOSE, WHOSE_EMPTY, *WORDS.values()]
    assert untranslated(" ".join(each.format(**given) for each in sentences)) == []


@pytest.mark.django_db
@pytest.mark.parametrize("lane", ["codes", "bulk"])
def test_numbers_of_workers_that_a_lane_cannot_have(monkeypatch: pytest.MonkeyPatch, lane: str) -> None:
    speak(monkeypatch)
    with pytest.raises(staffing.CannotScale) as refused:
        scale(lane, workers=100_000)
    assert untranslated(str(refused.value).replace(lane, "MARK")) == []


def scale(lane: str, *, workers: int) -> None:
    """Set a number by hand."""
    now = timezone.now()
    staffing.scale(switchyard().lanes[lane], workers=workers, by=None, why="MARK", until=None, now=now)


@pytest.mark.django_db
def test_what_is_said_after_a_click(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    Person.objects.update(name="MARK")
    send(admin, HOLDS, target="lane:bulk", why="MARK")
    page = admin.get(HOLDS).content.decode()
    for lane in ("bulk", "packets"):
        scale(lane, workers=switchyard().lanes[lane].workers)
    speak(monkeypatch)
    form = form_on(page)
    answers = [
        admin.post(HOLDS, {**form, "target": "lane:bulk", "mode": mode, "why": "MARK"})
        for mode in ("pause", "drain")
    ]
    lanes = [
        admin.post(reverse("jobs:workers-let-go", args=[lane]), follow=True) for lane in ("bulk", "packets")
    ]
    told = [text_of(found) for answer in (*answers, *lanes) for found in notices(answer.content.decode())]
    assert len(told) == 4
    assert untranslated(" ".join(told).replace("bulk", "MARK").replace("packets", "MARK")) == []


def notices(page: str) -> list[str]:
    """Return what the page says for once."""
    return re.findall(r'<(?:p class="notice warning" role="alert"|li class="notice success")>(.*?)</', page)


@pytest.mark.django_db
def test_changes_and_their_versions(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    Person.objects.update(name="MARK")
    send(admin, "/ops/settings/lanes/bulk/", workers="5", rate="9", why="MARK")
    send(admin, "/ops/settings/sections/history/", jobs_days="12", why="MARK")
    other = Client()
    other.force_login(make_person(role=Role.ADMIN, email="other@school.example"))
    speak(monkeypatch)
    page = other.get("/ops/settings/changes/").content.decode()
    items = re.findall(r"<li>(.*?)</li>", page, re.DOTALL)
    changed = [text_of(item) for item in items if "→" in item]
    assert len(changed) == 3
    assert untranslated(" ".join(changed).replace("bulk", "MARK")) == []
    titles = re.findall(r'<h2 id="title-\d+">(.*?)</h2>', page)
    assert len(titles) == 2
    assert untranslated(" ".join(titles)) == []
