"""How files go with a school's mailings: its own choice, who made it, and what that does."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from emails import policies
from emails.checks import check_mail
from emails.models import AttachmentPolicy, AttachmentWay, Mailing
from jobs.models import Person, Role, School, StoredFile
from jobs.testing import make_person, make_school
from tests.emails.people import A, Sent

pytestmark = pytest.mark.usefixtures("site")

PAGE = "/mailings/attachments/"
MEGABYTE = 1 << 20


def choose(school: School, by: Person, way: str, *, above: float = 5) -> None:
    policies.choose(
        school=school, by=by, way=AttachmentWay(way), link_above_megabytes=above, now=timezone.now()
    )


def sizes(*megabytes: float) -> list[StoredFile]:
    return [StoredFile(size=int(each * MEGABYTE)) for each in megabytes]


@pytest.mark.parametrize(
    ("way", "wanted", "expected"),
    [
        ("attach", None, [False, False]),
        ("attach", True, [False, False]),
        ("link", None, [False, True]),
        ("link", False, [False, True]),
        ("choose", None, [False, True]),
        ("choose", True, [True, True]),
        ("choose", False, [False, False]),
    ],
)
def test_small_and_large_files_go_as_the_school_chose(
    author: Person, way: str, wanted: object, expected: list[bool]
) -> None:
    school = author.school
    assert school
    choose(school, author, way)
    asked = None if wanted is None else bool(wanted)
    found = [
        policies.goes_as_links(files, school=school, wanted=asked) for files in (sizes(2, 3), sizes(3, 3))
    ]
    assert found == expected
    assert not policies.goes_as_links([], school=school, wanted=asked)


def test_platform_decides_for_a_school_that_has_not_chosen(school: School, settings: Settings) -> None:
    assert not policies.goes_as_links(sizes(9), school=school)
    settings.MAIL = {**settings.MAIL, "attachment_policy": "link", "link_above_megabytes": 8}
    assert policies.goes_as_links(sizes(9), school=school)
    assert not policies.goes_as_links(sizes(8), school=school)


def test_without_an_address_of_the_site_files_are_attached(
    school: School, author: Person, settings: Settings
) -> None:
    choose(school, author, "link", above=0)
    settings.SITE_URL = ""
    assert not policies.goes_as_links(sizes(9), school=school)


def test_later_choice_does_not_touch_what_was_sent(school: School, author: Person, sent: Sent) -> None:
    choose(school, author, "link", above=0)
    sent(A, fair=b"%PDF")
    choose(school, author, "attach")
    assert Mailing.objects.get().files_as_links


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"attachment_policy": "links"}, "Write one of attach, link, choose."),
        ({"link_days": 0}, "Write a number greater than 0."),
    ],
)
def test_setting_that_cannot_work_is_named(settings: Settings, given: dict[str, Any], says: str) -> None:
    settings.MAIL = {**settings.MAIL, **given}
    [error] = check_mail()
    assert says in str(error.hint)


def test_page_keeps_the_choice_and_who_made_it(staff: Client, author: Person) -> None:
    assert "changed nothing yet" in staff.get(PAGE).content.decode()
    page = staff.post(PAGE, {"way": "link", "link_above_megabytes": "2.5"}, follow=True).content.decode()
    assert policies.KEPT in page
    assert "2.5 MB" in page
    assert author.name in page
    chosen = AttachmentPolicy.objects.get()
    assert (chosen.way, chosen.link_above_megabytes, chosen.set_by) == ("link", 2.5, author)


def test_page_says_that_students_own_files_are_always_attached(staff: Client) -> None:
    page = staff.get(PAGE).content.decode()
    assert "0 makes every file a link, but files of students&#x27; own are always attached." in page


def test_earlier_choices_stay_to_be_seen(staff: Client) -> None:
    for way in ("link", "choose"):
        staff.post(PAGE, {"way": way, "link_above_megabytes": "5"})
    page = staff.get(PAGE).content.decode()
    table = page.partition("<tbody>")[2]
    assert table.index("Whoever sends a mailing chooses") < table.index("Send large files as links")


def test_same_choice_again_is_no_change(staff: Client) -> None:
    for _ in range(2):
        page = staff.post(PAGE, {"way": "link", "link_above_megabytes": "5"}, follow=True).content.decode()
    assert policies.SAME in page
    assert AttachmentPolicy.objects.count() == 1


@pytest.mark.parametrize("limit", ["", "many", "-1", "nan", "inf", "1001"])
def test_limit_that_is_none_changes_nothing(staff: Client, limit: str) -> None:
    response = staff.post(PAGE, {"way": "link", "link_above_megabytes": limit})
    assert response.status_code == 422
    assert not AttachmentPolicy.objects.exists()


def test_page_says_when_links_cannot_be_made(staff: Client, settings: Settings) -> None:
    assert "SITE_URL" not in staff.get(PAGE).content.decode()
    settings.SITE_URL = ""
    assert "SITE_URL" in staff.get(PAGE).content.decode()


def test_choice_of_another_school_does_not_hold(school: School, author: Person, staff: Client) -> None:
    other = make_person(school=make_school())
    choose(other.school or school, other, "link", above=0)
    assert not policies.goes_as_links(sizes(9), school=school)
    assert "changed nothing yet" in staff.get(PAGE).content.decode()


def test_ops_without_a_school_choose_nothing(client: Client, db: None) -> None:
    client.force_login(make_person(role=Role.OPS))
    assert client.get(PAGE).status_code == 403


def test_page_costs_few_queries(
    staff: Client, school: School, author: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for above in range(30):
        choose(school, author, "link", above=above)
    with django_assert_max_num_queries(5):
        staff.get(PAGE)
