"""The suppression list's pages: one school's, by paste, with reasons, and cheap to read."""

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from emails.models import Suppression, SuppressionReason
from emails.suppressing import suppress, suppressed
from jobs.models import Role, School
from jobs.testing import make_person, make_school
from tests.emails.people import A, B, C

LIST = "/mailings/suppressions/"


def put(school: School, *addresses: str, words: str = "") -> Suppression:
    suppress(
        school=school, addresses=addresses, reason=SuppressionReason.STAFF, now=timezone.now(), words=words
    )
    entry: Suppression = Suppression.objects.latest("pk")
    return entry


def add(client: Client, text: str) -> str:
    given = {"addresses": text, "reason": "staff", "words": "old list"}
    return client.post(f"{LIST}add/", given, follow=True).content.decode()


def test_empty_list_says_how_it_fills(staff: Client) -> None:
    assert "appear here by themselves" in staff.get(LIST).content.decode()


def test_list_shows_who_why_and_since_of_the_own_school(staff: Client, school: School) -> None:
    put(school, A, words="asked by phone")
    put(make_school(), B)
    page = staff.get(LIST).content.decode()
    assert A in page
    assert "asked by phone" in page
    assert B not in page


def test_pasted_lines_are_added_once_each(staff: Client, school: School) -> None:
    put(school, C)
    page = add(staff, f"Ana Öz <{A}>;1\r\n\r\n{B}, {B.upper()}\n{C}\t2027\n")
    assert "2 addresses were put on the suppression list." in page
    assert suppressed(school=school, addresses=[A, B, C]) == {A, B, C}
    added = Suppression.objects.get(address=A)
    assert (added.words, added.added_by.email) == ("old list", "sam@northfield.example")


def test_line_without_an_address_adds_nobody_and_keeps_what_was_typed(staff: Client) -> None:
    page = add(staff, f"{A}\nana at example\n{B}\n@x.example\n")
    assert "Lines 2, 4 have no mail address." in page
    assert "ana at example" in page
    assert not Suppression.objects.exists()


def test_address_is_found_by_a_part_of_it(staff: Client, school: School) -> None:
    put(school, A, B)
    page = staff.get(LIST, {"search": "ANA@"}).content.decode()
    assert A in page
    assert B not in page
    assert "No address fits" in staff.get(LIST, {"search": "zoe"}).content.decode()


def test_removing_needs_a_reason_that_the_list_keeps(staff: Client, school: School) -> None:
    entry = put(school, A)
    refused = staff.post(f"{LIST}{entry.pk}/remove/", {"words": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    staff.post(f"{LIST}{entry.pk}/remove/", {"words": "wants them again"})
    assert suppressed(school=school, addresses=[A]) == set()
    page = staff.get(LIST, {"removed": "on"}).content.decode()
    assert A in page
    assert "wants them again" in page


def test_removing_warns_when_the_person_unsubscribed(staff: Client, school: School) -> None:
    suppress(school=school, addresses=[A], reason=SuppressionReason.UNSUBSCRIBED, now=timezone.now())
    page = staff.get(f"{LIST}{Suppression.objects.get().pk}/remove/").content.decode()
    assert "only if they asked you to" in page


def test_erased_address_is_shown_no_more_found_by_its_whole_and_still_suppressed(
    staff: Client, school: School
) -> None:
    entry = put(school, A)
    assert "This cannot be taken back." in staff.get(f"{LIST}{entry.pk}/forget/").content.decode()
    page = staff.post(f"{LIST}{entry.pk}/forget/", follow=True).content.decode()
    assert "An erased address" in page
    assert A not in page
    assert "An erased address" in staff.get(LIST, {"search": A}).content.decode()
    assert suppressed(school=school, addresses=[A]) == {A}


@pytest.mark.parametrize("what", ["remove", "forget"])
def test_entry_of_another_school_is_not_found(staff: Client, what: str) -> None:
    entry = put(make_school(), A)
    assert staff.get(f"{LIST}{entry.pk}/{what}/").status_code == 404
    assert staff.post(f"{LIST}{entry.pk}/{what}/", {"words": "x"}).status_code == 404


@pytest.mark.parametrize("address", [LIST, f"{LIST}add/"])
def test_ops_without_a_school_have_no_list(client: Client, db: None, address: str) -> None:
    client.force_login(make_person(role=Role.OPS))
    assert client.get(address).status_code == 403


def test_list_costs_few_queries_however_long(
    staff: Client, school: School, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    put(school, *(f"s{number}@x.example" for number in range(120)))
    with django_assert_max_num_queries(5):
        page = staff.get(LIST).content.decode()
    assert "120 addresses" in page


@pytest.mark.parametrize("what", ["add/", "{pk}/remove/", "{pk}/forget/"])
def test_forms_cost_few_queries(
    staff: Client, school: School, django_assert_max_num_queries: DjangoAssertNumQueries, what: str
) -> None:
    address = LIST + what.format(pk=put(school, A).pk)
    with django_assert_max_num_queries(4):
        assert staff.get(address).status_code == 200
