"""People who look at the settings, and forms filled as the pages offer them."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from jobs.models import Role
from jobs.testing import make_person


@pytest.fixture(autouse=True)
def _one_rule_for_each_kind(settings: Settings) -> None:
    """Rules without conditions, whatever the platform's own say."""
    routes = [rule for rule in settings.SWITCHYARD["routes"] if rule.keys() == {"kind", "lane"}]
    settings.SWITCHYARD = {**settings.SWITCHYARD, "routes": routes}


@pytest.fixture
def admin(client: Client, live_settings: None) -> Client:
    """A browser in which an administrator is signed in."""
    client.force_login(make_person(role=Role.ADMIN))
    return client


@pytest.fixture
def ops(live_settings: None) -> Client:
    """A browser in which someone of operations is signed in, who may only look."""
    client = Client()
    client.force_login(make_person(role=Role.OPS))
    return client


def form_on(page: str) -> dict[str, str]:
    """Return the fields of the page's forms with the values that a browser would send."""
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        name, value = _attribute(tag, "name"), _attribute(tag, "value")
        if name and not ('type="radio"' in tag and "checked" not in tag):
            fields[name] = value
    for opening, text in re.findall(r"<textarea\b([^>]*)>(.*?)</textarea>", page, re.DOTALL):
        fields[_attribute(opening, "name")] = unescape(text).strip()
    for name, options in re.findall(r'<select\b[^>]*\bname="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'value="([^"]*)"', options
        )
        fields[name] = unescape(chosen[1]) if chosen else ""
    return fields


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""


def send(client: Client, address: str, *, button: str = "save", **changes: Any) -> Any:
    """Fill the form on the page and click a button."""
    fields = form_on(client.get(address).content.decode())
    return client.post(address, {**fields, "why": "The relay asked for it", **changes, button: "1"})


def text_of(page: str) -> str:
    """Return the words of the page, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())
