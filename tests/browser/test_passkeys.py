"""Passkeys in a real browser, with an authenticator that Chromium plays (WebAuthn over its own protocol)."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from jobs.models import Person
from jobs.testing import PASSWORD, make_person
from tests.browser.conftest import FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
MILLISECONDS = 60_000


@pytest.fixture
def browser_page(live_server: LiveServer, settings: Settings) -> Iterator[Page]:
    """A page of a fresh browser with a device for passkeys, before web pages without workers."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_context(base_url=live_server.url).new_page()
        page.set_default_timeout(MILLISECONDS)
        expect.set_options(timeout=MILLISECONDS)
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        yield page
        expect.set_options(timeout=None)
        browser.close()


def beside(work: Callable[[], Any]) -> Any:
    """Ask the database in a thread of its own: Playwright's loop runs in this one."""

    def asked() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asked).result()


def signed_in() -> tuple[Person, str]:
    """Make a person and a session of theirs."""
    person, client = make_person(), Client()
    client.force_login(person)
    return person, client.cookies[django_settings.SESSION_COOKIE_NAME].value


def test_passkey_signs_in_alone_and_after_the_password(browser_page: Page, live_server: LiveServer) -> None:
    page = browser_page
    person, session = beside(signed_in)
    name = django_settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": session, "url": live_server.url}])
    add_passkey(page, person)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name=f"Hello, {person.name}")).to_be_visible()
    sign_out(page)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name=f"Hello, {person.name}")).to_be_visible()


def add_passkey(page: Page, person: Person) -> None:
    """Add a passkey that also signs in alone."""
    page.goto("/")
    page.get_by_role("link", name=person.name).click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Test device")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def sign_out(page: Page) -> None:
    """Sign out, and see the page of signing in."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
