"""Forms of settings answer in the reader's language: with effects, with what cannot work, with questions."""

from typing import Any

import pytest
from django.test import Client

from jobs.models import Person, Role
from jobs.testing import make_person
from tests.jobs.settings_pages.conftest import form_on, send
from tests.switchyard.everything import Everything
from tests.switchyard.pseudo import speak
from tests.switchyard.test_language import MARK, untranslated

SETTINGS = "/ops/settings/"
BULK = f"{SETTINGS}lanes/bulk/"
ROUTES = f"{SETTINGS}routes/"
SLUG = MARK.lower()
EFFECTS = [
    ("lanes/bulk/", {"rate": "9", "bytes_rate": "2097152", "rates_of_schools": f"{SLUG}: 4"}),
    ("lanes/codes/", {"rate": "1", "school_workers": "999"}),
    ("services/relay/", {"rate": "9", "burst": "0.5"}),
    ("sections/history/", {"jobs_days": "1", "events_days": "1", "attempts_days": "1", "typed_days": "1"}),
    ("sections/api/", {"requests_a_minute": "1"}),
    ("weights/", {f"weight-{SLUG}": "2"}),
    (f"schools/of/{SLUG}/", {"name": f"{MARK}2", "history_days": "5", "is_on": "False"}),
]
REFUSED = [
    ("lanes/bulk/", {"rate": "-1", "workers": "0", "rates_of_schools": "x"}),
    ("lanes/bulk/", {"rates_of_schools": f"no{MARK}: 5"}),
    ("lanes/bulk/", {"rates_of_schools": f"{SLUG}: -5"}),
    ("lanes/bulk/", {"rates_of_schools": f"{SLUG}: 5\n{SLUG}: 6"}),
    ("lanes/bulk/", {"bytes_burst": "5"}),
    ("lanes/bulk/", {"workers": "900", "most_workers": "900"}),
    ("lanes/bulk/", {"slow_companion": "codes"}),
    ("sections/history/", {"events_days": "0"}),
    ("sections/breakers/", {"failures": "x", "longest_pause_seconds": "1"}),
    ("sections/supervision/", {"lease_seconds": "0.1"}),
    ("sections/supervision/", {"lease_seconds": "1e9", "connections": "0"}),
    ("weights/", {f"weight-{SLUG}": "1e9"}),
    (f"schools/of/{SLUG}/", {"name": "", "history_days": "0"}),
    ("schools/new/", {"slug": SLUG, "name": MARK}),
    ("schools/new/", {"slug": "x y", "name": ""}),
]
NEW_RULE = {"add": "1", "rule-kind": "emails.mailing", "rule-lane": "mail"}
DRAFTS = [
    {"delete": "4"},
    {**NEW_RULE, "rule-least_size": "own_files", "rule-least": "5", "rule-slower_than": "3"},
    {**NEW_RULE, "rule-kind": "emails.code", "rule-least_size": "own_files", "rule-least": "5"},
    {**NEW_RULE, "rule-most_size": "rows"},
    {"try": "1", "example-kind": "emails.mailing", "example-size_units": "5"},
    {"preview": "1", "draft": "[5]"},
]


@pytest.fixture
def school(admin: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A school with something of everything; each text of it is the mark."""
    everything = Everything(number=31_007, mark=MARK)
    Person.objects.update(name=MARK)
    speak(monkeypatch)
    return everything.school


@pytest.mark.parametrize(("page", "changes"), EFFECTS)
def test_effect_of_a_change(admin: Client, school: Any, page: str, changes: dict[str, str]) -> None:
    answer = send(admin, SETTINGS + page, button="preview", **changes)
    assert answer.status_code == 200
    assert "→" in answer.content.decode()
    assert untranslated(answer.content.decode()) == set()


@pytest.mark.parametrize(("page", "changes"), REFUSED)
def test_value_that_cannot_work(admin: Client, school: Any, page: str, changes: dict[str, str]) -> None:
    answer = send(admin, SETTINGS + page, button="preview", **changes)
    assert answer.status_code == 422
    assert untranslated(answer.content.decode()) == set()


@pytest.mark.parametrize("clicked", DRAFTS)
def test_draft_of_rules(admin: Client, school: Any, clicked: dict[str, str]) -> None:
    page = admin.post(ROUTES, {**form_on(admin.get(ROUTES).content.decode()), **clicked}).content.decode()
    assert untranslated(page) == set()


def test_change_that_another_one_made_meanwhile(admin: Client, school: Any) -> None:
    form = form_on(admin.get(BULK).content.decode())
    other = Client()
    other.force_login(make_person(role=Role.ADMIN, email="other@school.example", name=MARK))
    assert send(other, BULK, workers="5", rate="7", why=MARK).status_code == 302
    answer = admin.post(BULK, {**form, "workers": "4", "why": MARK, "save": "1"})
    assert answer.status_code == 422
    assert untranslated(answer.content.decode()) == set()


def test_vital_lane_that_nobody_confirmed(admin: Client, school: Any) -> None:
    answer = send(admin, f"{SETTINGS}lanes/codes/", workers="4", confirmed="mail", why=MARK)
    assert answer.status_code == 422
    assert untranslated(answer.content.decode()) == set()
