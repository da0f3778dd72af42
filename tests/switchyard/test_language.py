"""Whatever a page says can be translated: in a language of brackets, data alone stand outside of them."""

import re
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from switchyard.env import ROOT

from emails.merging import FIELDS as MERGE_FIELDS
from jobs.amounts import NOUNS, count
from jobs.models import Breaker, Person, Role
from jobs.models.people import PLATFORM_ROLES
from jobs.overrides import PLAIN_SECTIONS
from jobs.registry import kinds, services
from jobs.testing import make_person
from packets.title_patterns import WORDS
from tests.switchyard.every_address import every_address
from tests.switchyard.everything import Everything
from tests.switchyard.pseudo import FOR_SCRIPTS, Bracketed, bare_texts, speak, translated_code
from uploads.datasets import DATASETS

pytestmark = pytest.mark.django_db

MARK = "Zyxquill"
OTHERS = ("/admin/", "/api/", "/ops/flower/")
"""Pages of Django's own, of programs, and of Flower."""
ROLES = (None, Role.APPROVER, Role.MANAGER, Role.ADMIN)
"""Nobody, and who sees the most of each sort of people."""
SETTINGS = [
    *(f"/ops/settings/sections/{section}/" for section in PLAIN_SECTIONS),
    *(f"/ops/settings/services/{service}/" for service in services()),
]
"""Pages that show how settings are declared, besides those of a lane."""
COLUMNS = [column for dataset in DATASETS.values() for column in dataset.columns]
COMPONENTS = settings.SWITCHYARD["components"].values()
NAMES = {
    "Switchyard": "the product",
    "Flower": "a product",
    "prefork": "a word of the settings file",
    "threads": "a word of the settings file",
    **dict.fromkeys(settings.SWITCHYARD["lanes"], "a lane"),
    ", ".join(settings.SWITCHYARD["lanes"]): "all lanes",
    **dict.fromkeys((kind.name for kind in kinds()), "a kind"),
    **dict.fromkeys(services(), "an outside service"),
    **dict.fromkeys((component["title"] for component in COMPONENTS), "named in the settings file"),
    **dict.fromkeys((component["says"] for component in COMPONENTS), "said in the settings file"),
    **dict.fromkeys((column.heading for column in COLUMNS), "a heading in files"),
    "yes, no": "what is written in files",
    **dict.fromkeys(MERGE_FIELDS.values(), "of a student who is made up"),
    **dict.fromkeys((f"{{{field}}}" for field in (*WORDS, "page", "pages")), "a field, as one writes it"),
    **dict.fromkeys((", ".join(column.synonyms) for column in COLUMNS), "other headings in files"),
}
"""What is the same in every language, and what it is."""
PLACES = {part.replace("_", " ") for zone in available_timezones() for part in (zone, *zone.split("/", 1))}
"""How time zones are called."""
DATA = re.compile(rf"\S*{MARK}\S*|\S+@\S+|https?://\S+", re.IGNORECASE)
SAYS = re.compile(r"\.(textContent|innerText|innerHTML|title|placeholder) =|\b(alert|confirm|prompt)\(")
"""A line of a script that shows a person something."""
GIVEN = re.compile(r"\bdataset\.(\w+)")
QUOTED = re.compile(r"""["'`](.*?)["'`]""")


def untranslated(page: str) -> set[str]:
    """Return the words of a page that are neither translated nor data."""
    texts = {
        part.strip(" ·()")
        for text in bare_texts(page)
        for part in DATA.sub("", text).split(" \N{MIDDLE DOT} ")
    }
    return {text for text in texts if text not in {*NAMES, *PLACES} and re.search(r"[^\W\d_]{2}", text)}


@pytest.fixture
def school(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A school that has something of everything, each text of which is the mark."""
    everything = Everything(number=31_007, mark=MARK)
    now = timezone.now()
    for name in ("provider:1/mailings", "relay:1/codes", "scanner:1", "webhook:1"):
        Breaker.objects.create(name=name, state="open", last_failure=MARK, opened_at=now, retry_at=now)
    speak(monkeypatch)
    return everything


@pytest.mark.parametrize("role", ROLES)
def test_nothing_on_a_page_is_said_past_translation(role: str | None, school: Any) -> None:
    client = Client()
    if role:
        of_school = None if role in PLATFORM_ROLES else school.school
        person = make_person(school=of_school, role=role, email=f"{role}.{MARK}@school.example")
        Person.objects.filter(pk=person.pk).update(name=MARK)
        client.force_login(person)
    addresses = every_address(number=school.number, slug=school.school.slug)
    paths = [each.path for each in addresses if not each.path.startswith(OTHERS)]

    found = {}
    for path in [*paths, *SETTINGS, "/nowhere/"]:
        answer = client.get(path)
        content = answer.getvalue()  # a file, too, is read to its end, so that it is closed
        if answer["Content-Type"].startswith("text/html"):
            page = content.decode()
            found[path] = {*untranslated(page), *translated_code(page)}

    assert found
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_text_that_is_not_marked_is_found() -> None:
    page = '<p>⟦Ended at <b title="sure">14:05</b>⟧ or later</p><i title="Stop">⟦Stop⟧</i><pre>as sent</pre>'
    assert bare_texts(page) == ["or later", "Stop"]


def test_what_is_for_browsers_and_was_translated_is_found() -> None:
    page = '<main id="content" class="⟦narrow⟧ stack" title="⟦Stop⟧"><p class="lead">⟦Stop⟧</p></main>'
    assert translated_code(page) == ['class="⟦narrow⟧ stack"']


def test_what_is_put_into_a_message_is_translated_by_itself() -> None:
    assert Bracketed().gettext("{done:,} of %(all)s are done") == "{done:,}⟦ of ⟧%(all)s⟦ are done⟧"


def test_scripts_say_only_what_templates_give_them() -> None:
    apps = ("jobs", "emails", "packets", "uploads", "platform")
    scripts = [path for app in apps for path in Path(ROOT, app).rglob("*.js")]
    assert len(scripts) > 1
    said = [line for path in scripts for line in path.read_text().splitlines() if SAYS.search(line)]
    assert said, "SAYS finds what scripts write into pages"
    given = {f"data-{name}" for line in said for name in GIVEN.findall(line)}
    assert given == {*FOR_SCRIPTS}
    assert {word for line in said for word in QUOTED.findall(GIVEN.sub("", line))} <= {"#"}


def test_every_noun_is_counted_in_the_readers_language(monkeypatch: pytest.MonkeyPatch) -> None:
    english = {noun: (count(1, noun), count(1200, noun)) for noun in NOUNS}
    assert english == {noun: (f"1 {noun}", f"1,200 {noun}s") for noun in NOUNS}

    speak(monkeypatch)
    assert {noun: count(1200, noun) for noun in NOUNS} == {noun: f"1,200⟦ {noun}s⟧" for noun in NOUNS}
