"""Pages offer nobody what their role may not do: no link and no form leads to the 403 page."""

import re
from collections import deque
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Job, JobState, Role
from jobs.testing import make_person
from tests.switchyard.everything import Everything

pytestmark = pytest.mark.django_db

NUMBERS = re.compile(r"\d+")
OF_ONES_OWN = ("/account/", "/sign-out/", "/time-zone/", "/notifications/", "/status/")
"""Where people change what is theirs alone."""
LOOKS_BY_POST = ("/find/",)
"""Forms that change nothing, but hold what nobody shall read in an address."""


class Offers(HTMLParser):
    """The links and the forms of a page."""

    def __init__(self, html: str) -> None:
        """Read the page."""
        super().__init__()
        self.links: list[str] = []
        self.forms: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep where it leads."""
        found = dict(attrs)
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))
        elif tag == "form" and found.get("method") == "post":
            self.forms.append(found.get("action") or "")


def offered(client: Client) -> Iterator[tuple[str, str, int]]:
    """Follow all links from home, once for each sort of address; yield where, whereto, and the answer."""
    waiting, seen = deque([("", "/")]), {"/"}
    while waiting:
        where, path = waiting.popleft()
        answer = client.get(path)
        yield where, path, answer.status_code
        content = answer.getvalue().decode(errors="replace")
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        page = Offers(content)
        for form in page.forms:
            action = urlsplit(urljoin(path, form)).path
            if not action.startswith(OF_ONES_OWN):
                yield path, f"form of {action}", 0
        for link in page.links:
            there = urlsplit(urljoin(path, link))
            sort = NUMBERS.sub("#", there.path)
            if not there.netloc and not sort.startswith(OF_ONES_OWN) and sort not in seen:
                seen.add(sort)
                waiting.append((path, there.path))


@pytest.fixture
def school() -> Everything:
    """A school with something of everything, and one job that can be tried again."""
    made = Everything(number=7007, mark="Offers")
    job = made.row_of(Job)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.PROBLEMS, ended_at=timezone.now(), units_total=1, units_failed=1, parts_open=0
    )
    return made


@pytest.mark.parametrize("role", [Role.STAFF, Role.SENDER, Role.APPROVER, Role.MANAGER, Role.AUDITOR])
def test_no_link_leads_to_what_the_role_may_not_open(client: Client, school: Everything, role: str) -> None:
    client.force_login(make_person(school=school.school, role=role))
    assert [(where, to) for where, to, status in offered(client) if status == 403] == []


def test_auditors_are_shown_no_form_that_changes_something(client: Client, school: Everything) -> None:
    client.force_login(make_person(school=school.school, role=Role.AUDITOR))
    forms = [(where, to) for where, to, _ in offered(client) if to.startswith("form of ")]
    assert [(where, to) for where, to in forms if not to.endswith(LOOKS_BY_POST)] == []
