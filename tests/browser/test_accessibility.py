"""Every page that a person can reach: axe-core finds nothing, in both themes, and it fits a phone."""

from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import APIResponse, Page, expect
from switchyard.demo.logins import LOGINS

from tests.browser.conftest import fresh_page
from tests.browser.steps import (
    ask_for_a_mailing,
    build_packet,
    keep_template,
    send_mailing,
    sign_in,
    upload_sample,
)
from tests.journeys.yards import RunningYard

pytestmark = [pytest.mark.browser, pytest.mark.journey]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
"""Axe's rules for WCAG 2.2 AA, and what it calls best practice."""
COLOURS = {"runOnly": ["color-contrast"]}
PAGES_OF_A_KIND = 3
"""So many pages are looked at of one view: jobs, say, look different."""
OTHERS_PAGES = ("flower", "flower-path", "admin:")
"""What other packages made."""
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map(each => each.outerHTML.slice(0, 120))"""
SEEN_AT_LEAST = {
    "staff": {
        "home",
        "jobs:list",
        "jobs:show",
        "jobs:notifications",
        "emails:new",
        "emails:suppressions",
        "packets:new",
        "packets:record",
        "packets:template",
        "packets:templates",
        "uploads:new",
        "uploads:student",
        "uploads:students",
    },
    "auditor": {"home", "people-history", "jobs:list", "emails:list", "packets:list", "uploads:list"},
    "ops": {
        "jobs:ops",
        "jobs:workers",
        "jobs:list",
        "jobs:bulk",
        "jobs:charts",
        "jobs:late",
        "incidents:list",
    },
    "admin": {
        "jobs:settings",
        "jobs:settings-lane",
        "jobs:settings-routes",
        "jobs:holds",
        "people",
        "person-invite",
        "providers",
        "provider",
    },
}


def test_sign_in_can_be_used_by_all(page: Page) -> None:
    page.goto("/sign-in/")

    assert list(faults_of(page)) == []


def test_approvals_can_be_used_by_all(yard: RunningYard) -> None:
    with fresh_page(yard.base_url) as page:
        sign_in(page, email=login_of("sender"))
        asked = ask_for_a_mailing(page)
        assert list(faults_of(page)) == []
    with fresh_page(yard.base_url) as page:
        sign_in(page, email=login_of("approver"))
        page.goto(asked)
        expect(page.get_by_role("button", name="Give it back")).to_be_visible()
        assert list(faults_of(page)) == []


@pytest.mark.parametrize("role", SEEN_AT_LEAST)
def test_pages_can_be_used_by_all(page: Page, role: str, tmp_path: Path) -> None:
    sign_in(page, email=login_of(role))
    if role == "staff":
        send_mailing(page, folder=tmp_path)
        build_packet(page, folder=tmp_path)
        upload_sample(page, folder=tmp_path)
        keep_template(page)

    seen, faults = set(), {}
    for name, path in walk(page):
        seen.add(name)
        faults[path] = list(faults_of(page))

    assert {path: found for path, found in faults.items() if found} == {}
    assert SEEN_AT_LEAST[role] <= seen


def login_of(role: str) -> str:
    return next(login.email for login in LOGINS if login.role == role)


def walk(page: Page) -> Iterator[tuple[str, str]]:
    """Open each page that links lead to, some of each view; yield the name of its view and its path."""
    waiting, known, seen = deque(["/"]), {"/"}, Counter[str]()
    while waiting:
        path = waiting.popleft()
        name = name_of(path)
        if not name or seen[name] >= PAGES_OF_A_KIND or not is_page(page.request.get(path)):
            continue
        seen[name] += 1
        page.goto(path)
        yield name, path
        for link in page.locator("a[href]").evaluate_all("links => links.map(link => link.href)"):
            there = urlsplit(urljoin(page.url, link))
            if there.netloc == urlsplit(page.url).netloc and there.path not in known:
                known.add(there.path)
                waiting.append(there.path)


def name_of(path: str) -> str:
    """Return the name of the view behind `path`; empty for what is none of ours."""
    try:
        name = resolve(path).view_name
    except Resolver404:
        return ""
    return "" if name.startswith(OTHERS_PAGES) else name


def is_page(response: APIResponse) -> bool:
    return response.ok and response.headers["content-type"].startswith("text/html")


def faults_of(page: Page) -> Iterator[str]:
    """Yield what is wrong with the open page."""
    axe = Axe()
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    yield from told(axe.run(page, options=RULES).response, theme="light")
    page.emulate_media(color_scheme="dark")
    yield from told(axe.run(page, options=COLOURS).response, theme="dark")
    page.set_viewport_size(PHONE)
    yield from (f"wider than a phone: {element}" for element in page.evaluate(TOO_WIDE))
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")


def told(response: dict[str, list[dict[str, object]]], *, theme: str) -> Iterator[str]:
    for fault in response["violations"]:
        nodes = fault["nodes"]
        assert isinstance(nodes, list)
        yield f"{fault['id']} ({theme}): {fault['help']}: {[node['html'][:150] for node in nodes[:3]]}"
