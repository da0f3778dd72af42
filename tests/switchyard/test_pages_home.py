"""Home, the navigation of each role, and the pages that say no."""

import re
from contextlib import closing
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django.views.defaults import server_error
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from emails import codes
from jobs.models import Job, JobState, Part, Role
from jobs.testing import make_person, make_school

pytestmark = pytest.mark.django_db

STYLESHEET = settings.ROOT / "platform" / "switchyard" / "static" / "switchyard.css"


def sign_in(client: Client, role: str = Role.STAFF) -> None:
    school = make_school(name="Northfield University") if role == Role.STAFF else None
    client.force_login(make_person(school=school, role=role))


def test_home_offers_three_starts_and_an_empty_state(client: Client) -> None:
    sign_in(client)
    page = client.get("/").content.decode()
    for start in ("New mailing", "New packet", "New upload"):
        assert start in page
    assert "No jobs yet" in page
    assert page.count("<h1>") == 1


def test_icon_is_where_browsers_look_for_it(client: Client) -> None:
    address = client.get("/favicon.ico")["Location"]
    with closing(client.get(address)) as icon:
        assert (icon.status_code, icon["Content-Type"]) == (200, "image/svg+xml")


def test_home_shows_what_runs_and_what_needs_attention(client: Client) -> None:
    person = make_person()
    client.force_login(person)
    now = timezone.now()
    fields = {"school": person.school, "kind": "emails.mailing", "lane": "bulk", "created_at": now}
    Job.objects.create(key="1", title="Autumn fair", state=JobState.WORKING, **fields)
    Job.objects.create(key="2", title="Broken one", state=JobState.FAILED, ended_at=now, **fields)
    page = client.get("/").content.decode()
    assert "1 job of yours is under way" in page
    assert "Needs your attention" in page
    assert page.index("Broken one") < page.index("Autumn fair")


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
def test_home_tells_who_has_no_school_of_the_jobs_of_all(client: Client, role: str) -> None:
    sign_in(client, role)
    fields = {"school": make_school(), "kind": "emails.mailing", "lane": "bulk"}
    Job.objects.create(key="1", state=JobState.WORKING, created_at=timezone.now(), **fields)
    assert "1 job of all schools is under way" in client.get("/").content.decode()


def test_home_shows_the_units_of_parts_that_have_not_ended(client: Client) -> None:
    person = make_person()
    client.force_login(person)
    fields = {"school": person.school, "lane": "packets"}
    job = Job.objects.create(
        kind="packets.build", key="1", units_total=50, units_done=25, created_at=timezone.now(), **fields
    )
    Part.objects.create(job=job, units=25, units_done=5, units_failed=1, ready_at=timezone.now(), **fields)
    page = " ".join(client.get("/").content.decode().split())
    assert '30 of 50, <span class="muted">1 failed</span>' in page


def test_home_leaves_sign_in_codes_out(client: Client) -> None:
    person = make_person()
    client.force_login(person)
    codes.request_code(person=person, now=timezone.now())
    page = client.get("/").content.decode()
    assert "Sign-in code" not in page
    assert "Nothing is under way" in page


def test_list_of_jobs_leaves_sign_in_codes_out_unless_ops_look_for_them(client: Client) -> None:
    person = make_person()
    codes.request_code(person=person, now=timezone.now())
    for role, kind, is_listed in [
        (Role.STAFF, "", False),
        (Role.STAFF, "emails.code", False),
        (Role.OPS, "", False),
        (Role.OPS, "emails.code", True),
    ]:
        client.force_login(person if role == Role.STAFF else make_person(role=role))
        page = client.get("/jobs/", {"kind": kind}).content.decode()
        assert (">Sign-in code</a>" in page) == is_listed
        assert ('value="emails.code"' in page) == (role == Role.OPS)


def test_phones_also_show_who_is_signed_in(client: Client) -> None:
    sign_in(client)
    account = client.get("/").content.decode().partition('class="account"')[2].partition("</div>")[0]
    assert "Northfield University" in account
    [narrow] = re.findall(r"@media \(max-width: 44rem\) \{(.*?)\n\}", STYLESHEET.read_text(), re.DOTALL)
    assert not re.search(r"\.account div[^}]*(clip-path|display: none|position: absolute)", narrow)


@pytest.mark.parametrize(
    ("role", "offered", "withheld"),
    [
        (Role.STAFF, ["Mailings", "Packets", "Uploads", "Jobs"], ["Operations", "Flower", "Mailbox"]),
        (Role.OPS, ["Jobs", "Operations", "Flower", "Mailbox"], ["Mailings", "Packets"]),
        (Role.ADMIN, ["Jobs", "Operations", "Flower", "Mailbox"], ["Uploads"]),
    ],
)
def test_navigation_fits_the_role(
    client: Client, settings: Settings, role: str, offered: list[str], withheld: list[str]
) -> None:
    settings.MAIL_CATCHER_FOLDER = "/somewhere"
    sign_in(client, role)
    page = client.get("/").content.decode()
    navigation = page[page.index("<nav") : page.index("</nav>")]
    assert all(f">{label}<" in navigation for label in offered)
    assert not any(label in navigation for label in withheld)
    assert navigation.count('aria-current="page"') == 1


@pytest.mark.parametrize("role", [Role.STAFF, Role.OPS, Role.ADMIN])
def test_programs_of_a_school_are_offered_to_its_people_alone(client: Client, role: str) -> None:
    sign_in(client, role)
    page = client.get("/").content.decode()
    offered = role == Role.STAFF
    assert ('<a href="/tokens/">Tokens</a>' in page) == offered
    assert ('<a href="/webhooks/">Webhooks</a>' in page) == offered
    if offered:
        assert '<a href="/tokens/" aria-current="page">Tokens</a>' in client.get("/tokens/").content.decode()
        assert client.get("/webhooks/").status_code == 200


def test_navigation_marks_the_page_that_is_open(client: Client) -> None:
    sign_in(client, Role.OPS)
    page = client.get("/jobs/").content.decode()
    assert '<a href="/jobs/" aria-current="page">Jobs</a>' in page


@pytest.mark.parametrize("role", [Role.STAFF, Role.OPS])
def test_home_costs_few_queries(
    client: Client, role: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, role)
    with django_assert_max_num_queries(8):
        client.get("/")


def test_missing_page_says_so_in_plain_words(client: Client) -> None:
    sign_in(client)
    response = client.get("/jobs/999999/")
    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


@pytest.mark.parametrize(
    ("sent", "title", "most"),
    [
        ({"attachments": [BytesIO(b"x") for _ in range(150)]}, "Too many files at once", "At most 100 files"),
        ({f"field-{number}": "" for number in range(3001)}, "Too many fields at once", "At most 3000 fields"),
    ],
)
def test_form_with_too_much_in_it_is_refused_in_plain_words(
    client: Client, sent: dict[str, Any], title: str, most: str
) -> None:
    sign_in(client)
    response = client.post("/mailings/new/", sent)
    page = response.content.decode()
    assert response.status_code == 400
    assert f"<h1>{title}</h1>" in page
    assert most in page
    assert "switchyard.css" in page


@pytest.mark.parametrize("address", ["/mailings/new/", "/packets/new/", "/uploads/new/"])
def test_form_with_an_error_begins_at_its_notice(client: Client, address: str) -> None:
    sign_in(client)
    page = client.post(address, {"subject": "x"}).content.decode()
    assert page.count("autofocus") == 1
    assert re.search(r'class="notice error" role="alert" tabindex="-1" autofocus', page)
    assert "autofocus" not in client.get(address).content.decode()


def test_request_that_is_not_for_us_is_refused_in_plain_words(client: Client) -> None:
    response = client.get("/sign-in/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "This request could not be read" in response.content.decode()


def test_failure_of_ours_says_so_in_plain_words(client: Client) -> None:

    page = server_error(client.get("/sign-in/").wsgi_request).content.decode()
    assert "Something went wrong on our side" in page


def test_form_without_its_token_is_refused_in_plain_words() -> None:
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "a@b.example", "password": "x"})
    assert response.status_code == 403
    assert "This form has grown old" in response.content.decode()


def test_pages_hold_no_script_or_style_of_their_own(client: Client) -> None:
    sign_in(client)
    page = client.get("/").content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    assert "https://" not in page


@pytest.mark.parametrize("address", ["/", "/jobs/", "/sign-in/"])
def test_page_without_a_database_says_that_it_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    sign_in(client)
    client.raise_request_exception = False

    def refuse() -> None:
        message = "server closed the connection unexpectedly"
        raise OperationalError(message)

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get(address)
    page = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Switchyard cannot answer at this moment" in page
    assert page.count("<h1>") == 1


def test_page_that_crashes_for_another_reason_still_says_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client)
    client.raise_request_exception = False
    monkeypatch.setattr("jobs.queries.running_jobs", lambda *_, **__: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in response.content.decode()
