"""Signing in with SAML in a real browser: the provider is another site, whose forms bring no session."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.conf import settings as given
from django.test import Client
from pytest_django import Settings

from jobs.models import Role, School
from jobs.testing import make_person, make_school
from tests.browser.conftest import fresh_page
from tests.browser.test_accessibility import faults_of
from tests.switchyard.saml.identity import Identity, Key
from tests.switchyard.saml.steps import configure

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = """<!doctype html><html lang="en"><title>Provider</title><body onload="document.forms[0].submit()">
<form method="post" action="{}"><input type="hidden" name="SAMLResponse" value="{}"></form></body></html>"""


class Handler(BaseHTTPRequestHandler):
    """Answers whoever is sent by the platform, as a provider does that knows them already."""

    identity: Identity

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Send them back with an assertion, by a form."""
        if not self.path.startswith("/sso?"):
            self.send_error(404)
            return
        request = self.identity.read(self.identity.location.removesuffix("/sso") + self.path)
        page = PAGE.format(escape(request.answer_to), self.identity.answer(request)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)


@contextmanager
def running(identity: Identity) -> Iterator[None]:
    """Run a provider on a site of its own: `localhost`, where the platform is `127.0.0.1`."""
    handler = type("OurHandler", (Handler,), {"identity": identity})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        identity.location = f"http://localhost:{server.server_port}/sso"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def home(live_server: Any, settings: Settings) -> str:
    """The platform's address; it is on this machine, where there is no TLS."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    policy = given.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    directives = {**policy, "form-action": [*policy["form-action"], "http:"]}
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
    return str(live_server.url).replace("localhost", "127.0.0.1")


@pytest.fixture
def identity() -> Iterator[Identity]:
    """The provider of a school that has one invited person."""
    school = make_school(name="Northfield University")
    make_person(school=school, email="noor@northfield.example")
    admin, identity = Client(), Identity(key=Key())
    admin.force_login(make_person(role=Role.ADMIN))
    with running(identity):
        assert configure(admin, school, identity).status_code == 302
        yield identity


def test_person_comes_in_by_the_provider(home: str, identity: Identity) -> None:
    with fresh_page(home) as page:
        page.goto("/sign-in/?next=/jobs/")
        page.get_by_role("button", name="Northfield University").click()
        page.wait_for_url(f"{home}/jobs/")
        assert page.get_by_role("heading", level=1).is_visible()


def test_page_of_a_refusal_can_be_used_by_all(home: str, identity: Identity) -> None:
    identity.key = Key()
    with fresh_page(home) as page:
        page.goto("/sign-in/")
        page.get_by_role("button", name="Northfield University").click()
        page.get_by_text("not signed with a certificate").wait_for()
        assert list(faults_of(page)) == []


def test_page_that_sets_the_provider_can_be_used_by_all(home: str, identity: Identity) -> None:
    slug = School.objects.get(name="Northfield University").slug
    admin = Client()
    admin.force_login(make_person(role=Role.ADMIN))
    cookie = {"name": given.SESSION_COOKIE_NAME, "value": admin.cookies["sessionid"].value, "url": home}
    with fresh_page(home) as page:
        page.context.add_cookies([cookie])
        page.goto(f"/people/providers/{slug}/")
        assert page.get_by_role("heading", name="SAML", exact=True).is_visible()
        assert list(faults_of(page)) == []
