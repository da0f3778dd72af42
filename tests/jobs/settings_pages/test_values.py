"""The pages of lanes, services, sections and weights: shown, tried, put in force, taken back."""

import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs.models import Role, School, SettingsVersion
from jobs.settings import look_again
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import form_on, send, text_of

BULK = "/ops/settings/lanes/bulk/"
PAGES = [
    "/ops/settings/",
    BULK,
    "/ops/settings/services/relay/",
    "/ops/settings/sections/slowness/",
    "/ops/settings/weights/",
    "/ops/settings/routes/",
    "/ops/settings/changes/",
    "/ops/settings/holds/",
]


def test_lane_is_changed_with_a_reason_and_the_page_says_who_did_it(admin: Client) -> None:
    answer = send(admin, BULK, rate="14", burst="28.5")
    assert (answer.status_code, answer.url) == (302, BULK)
    lane = look_again().lanes["bulk"]
    assert (lane.rate, lane.burst, lane.workers) == (14, 28.5, 8)
    page = text_of(admin.get(BULK).content.decode())
    assert "Changed In force: 14 units a second. Default: none. Set by Test Person on" in page
    assert "Version 1 is in force." in page


def test_only_what_was_changed_is_kept(admin: Client) -> None:
    send(admin, BULK, rate="14")
    send(admin, "/ops/settings/sections/slowness/", times="5")
    assert SettingsVersion.objects.latest("number").overrides == {
        "lanes": {"bulk": {"rate": 14}},
        "slowness": {"times": 5},
    }


def test_effect_is_shown_before_anything_is_changed(admin: Client) -> None:
    answer = send(admin, BULK, button="preview", workers="4", bytes_rate="10485760")
    page = text_of(answer.content.decode())
    assert "Lane bulk: workers: 8 → 4" in page
    assert "Lane bulk: bytes rate: none → 10,485,760" in page
    assert 'name="workers" value="4"' in answer.content.decode()
    assert not SettingsVersion.objects.exists()


def test_effect_of_nothing_is_said(admin: Client) -> None:
    assert "Nothing would change" in send(admin, BULK, button="preview").content.decode()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"workers": "0"}, "Write a whole number from 1 to 1,000."),
        ({"rate": "-3"}, "Write a number greater than 0.001."),
        ({"rate": "1e308"}, "Write 1,000,000,000,000 at most."),
        ({"promise_seconds": "1e308"}, "Write 604,800 at most."),
        ({"burst": "5"}, "Write rate too, or leave this out."),
        ({"slow_companion": "bulk"}, "Write another lane."),
        ({"promise_seconds": ""}, "This field is required."),
        ({"why": " "}, "Write why; your colleagues will want to know."),
    ],
)
def test_what_cannot_work_is_said_beside_the_field_and_what_was_typed_stays(
    admin: Client, changes: dict[str, str], message: str
) -> None:
    answer = send(admin, BULK, **{"part_seconds": "7.5", **changes})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in text_of(page)
    assert 'name="part_seconds" value="7.5"' in page
    assert not SettingsVersion.objects.exists()


def test_slow_companions_that_form_a_circle_are_refused_beside_the_field(admin: Client) -> None:
    assert send(admin, "/ops/settings/lanes/mail/", slow_companion="bulk").status_code == 302
    answer = send(admin, BULK, slow_companion="mail")
    assert answer.status_code == 422
    assert "The slow companions form a circle: " in text_of(answer.content.decode())


def test_reason_that_is_too_long_is_told_and_what_was_typed_stays(admin: Client) -> None:
    assert "maxlength" not in admin.get(BULK).content.decode(), "the browser would cut it silently"
    answer = send(admin, BULK, rate="14", why="x" * 5000)
    assert answer.status_code == 422
    assert "Write at most 300 characters; you wrote 5000." in text_of(answer.content.decode())
    assert form_on(answer.content.decode())["why"] == "x" * 5000
    assert not SettingsVersion.objects.exists()


def test_vital_lane_wants_its_name_typed(admin: Client) -> None:
    codes = "/ops/settings/lanes/codes/"
    answer = send(admin, codes, workers="1")
    assert answer.status_code == 422
    assert "Type its name to confirm." in text_of(answer.content.decode())
    assert look_again().lanes["codes"].workers == 2
    assert send(admin, codes, workers="1", confirmed="codes").status_code == 302
    assert look_again().lanes["codes"].workers == 1


def test_weights_of_schools_are_changed_together(admin: Client) -> None:
    first, second = make_school(name="Aberdeen"), make_school(name="Bath")
    weights = {f"weight-{first.slug}": "2.5", f"weight-{second.slug}": "1"}
    assert send(admin, "/ops/settings/weights/", **weights).status_code == 302
    assert dict(School.objects.values_list("name", "weight")) == {"Aberdeen": 2.5, "Bath": 1}
    page = text_of(admin.get("/ops/settings/weights/").content.decode())
    assert "Set by Test Person on" in page
    answer = send(admin, "/ops/settings/weights/", **{f"weight-{second.slug}": "0"})
    assert "Write a number from 0.01 to 100." in text_of(answer.content.decode())
    answer = send(admin, "/ops/settings/weights/", **{f"weight-{second.slug}": "1e9"})
    assert "Write a number from 0.01 to 100." in text_of(answer.content.decode())


@pytest.mark.parametrize("address", PAGES)
def test_staff_see_no_settings(client: Client, db: None, address: str) -> None:
    client.force_login(make_person())
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_ops_look_at_the_settings(ops: Client, address: str) -> None:
    page = ops.get(address).content.decode()
    assert page.count("<h1") == 1
    assert "Put in force" not in page


@pytest.mark.parametrize("address", [*PAGES[1:6], "/ops/settings/changes/1/undo/"])
def test_ops_change_no_settings(ops: Client, address: str) -> None:
    make_school()
    assert ops.post(address, {"save": "1", "delete": "1"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "/ops/settings/lanes/nothing/",
        "/ops/settings/sections/webhooks/",
        "/ops/settings/services/realy/",
        "/ops/settings/services/",
    ],
)
def test_what_is_not_there_answers_404(admin: Client, address: str) -> None:
    assert admin.get(address).status_code == 404


def test_settings_file_that_the_newest_version_does_not_fit_is_said(admin: Client) -> None:
    send(admin, BULK, rate="14")
    gone = {"lanes": {"gone": {"rate": 14}}}
    SettingsVersion.objects.create(number=2, made_at=timezone.now(), why="A test", overrides=gone)
    assert "does not fit the settings file any more" in admin.get("/ops/settings/").content.decode()
    assert send(admin, BULK, rate="15").status_code == 302
    assert look_again().lanes["bulk"].rate == 15


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/ops/settings/", 7),
        (BULK, 5),
        ("/ops/settings/services/relay/", 5),
        ("/ops/settings/sections/slowness/", 5),
        ("/ops/settings/weights/", 5),
        ("/ops/settings/routes/", 6),
        ("/ops/settings/changes/", 6),
        ("/ops/settings/holds/", 5),
    ],
)
@pytest.mark.django_db(transaction=True)
def test_each_page_costs_few_queries(
    admin: Client, django_assert_num_queries: DjangoAssertNumQueries, address: str, queries: int
) -> None:
    for number in range(5):
        make_school(name=f"School {number}")
        send(admin, BULK, rate=str(number + 1))
    with django_assert_num_queries(queries):
        admin.get(address)


def test_school_is_not_changed_behind_the_audit(client: Client, db: None) -> None:
    person = make_person(role=Role.ADMIN)
    person.is_superuser = True
    person.save()
    client.force_login(person)
    school = make_school()
    page = client.get(f"/admin/jobs/school/{school.pk}/change/").content.decode()
    assert school.slug in page
    assert not re.findall(r'name="(weight|history_days|is_on)"', page)
