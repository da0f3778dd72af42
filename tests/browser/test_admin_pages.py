"""An administrator adds a school, switches one off and on again, and has many jobs changed, in a browser."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as given
from django.db import transaction
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from jobs import bulk_orders
from jobs.drafting import Request
from jobs.models import Job, Role, School
from jobs.submission import submit_many
from jobs.testing import make_person, make_school, run_parts
from tests.browser.conftest import FLAGS
from tests.browser.test_accessibility import faults_of
from tests.browser.test_passkeys import beside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MILLISECONDS = 60_000
MANY = 600


def session_of(role: str, school: School | None = None) -> str:
    """Return the session of a new person."""
    client = Client()
    client.force_login(make_person(role=role, school=school))
    return client.cookies[given.SESSION_COOKIE_NAME].value


@pytest.fixture
def school() -> School:
    """A school with a person."""
    school: School = beside(lambda: make_school(name="Northfield University"))
    return school


@pytest.fixture
def browser(live_server: LiveServer, settings: Settings) -> Iterator[Any]:
    """A browser, before web pages without workers."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on this machine")
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        expect.set_options(timeout=MILLISECONDS)
        yield browser
        expect.set_options(timeout=None)
        browser.close()


def page_of(browser: Any, live_server: LiveServer, session: str) -> Page:
    """Return a page of whoever has the session."""
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(MILLISECONDS)
    context.add_cookies([{"name": given.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page: Page = context.new_page()
    return page


def save(page: Page, *, why: str) -> None:
    """Show the effect, see that all can use the page, and put it in force."""
    page.get_by_role("button", name="Show its effect").click()
    expect(page.get_by_role("heading", name="What would change")).to_be_visible()
    assert list(faults_of(page)) == []
    page.get_by_label("Why").fill(why)
    page.get_by_role("button", name="Put in force").click()
    page.wait_for_load_state()


def test_schools_are_added_and_switched_off_and_on(
    browser: Any, live_server: LiveServer, school: School
) -> None:
    admin = page_of(browser, live_server, beside(lambda: session_of(Role.ADMIN)))
    staff = page_of(browser, live_server, beside(lambda: session_of(Role.STAFF, school)))
    admin.goto("/ops/settings/")
    admin.get_by_role("link", name="Schools", exact=True).click()
    admin.get_by_role("link", name="Add a school").click()
    admin.get_by_label("Name", exact=True).fill("Bath")
    admin.get_by_label("Short name").fill("bath")
    save(admin, why="They join")
    expect(admin.get_by_role("link", name="Bath")).to_be_visible()
    staff.goto("/jobs/")
    expect(staff.get_by_role("heading", name="Jobs")).to_be_visible()

    admin.get_by_role("link", name=school.name).click()
    admin.get_by_label("State").select_option(label="Off")
    save(admin, why="They left")
    expect(admin.locator("h1")).to_contain_text("Off")
    staff.reload()
    expect(staff.get_by_text("Your school is switched off")).to_be_visible()

    admin.get_by_role("link", name=re.compile("version 2")).first.click()
    admin.get_by_role("button", name="Take back version 2").click()
    expect(admin.get_by_text("was taken back")).to_be_visible()
    assert beside(lambda: School.objects.get(pk=school.pk).is_on)


def ask_for_many(school: School) -> None:
    """Submit jobs that wait until tomorrow."""
    late = timezone.now() + timedelta(days=1)
    asked = [
        Request(
            kind="packets.build",
            school=school,
            by=None,
            arguments={"packet": 1},
            key=str(number),
            units=1,
            not_before=late,
        )
        for number in range(MANY)
    ]
    with transaction.atomic():
        submit_many(asked)


def test_many_jobs_are_stopped_while_the_page_says_how_far_it_is(
    browser: Any, live_server: LiveServer, school: School
) -> None:
    beside(lambda: ask_for_many(school))
    ops = page_of(browser, live_server, beside(lambda: session_of(Role.OPS)))
    ops.goto("/ops/jobs/?kind=packets.build&action=stop")
    ops.get_by_label("Type the number of jobs to confirm").fill(str(MANY))
    ops.get_by_label("Reason").fill("The fair is off")
    ops.get_by_role("button", name="Stop: 600 jobs").click()
    expect(ops.locator("#changes")).to_contain_text("0 of 600")
    assert list(faults_of(ops)) == []
    beside(lambda: run_parts(lane=bulk_orders.LANE))
    expect(ops.locator("#changes")).to_contain_text("600 of 600")
    ops.get_by_role("link", name="Its job").click()
    expect(ops.get_by_role("heading", name="Stop 600 jobs")).to_be_visible()
    assert beside(lambda: set(Job.objects.filter(school=school).values_list("state", flat=True))) == {
        "stopped"
    }
