"""Suppression lists: who is on one, whatever the spelling, and what is left of an erased person."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from emails.hashing import hash_of
from emails.models import Suppression, SuppressionReason
from emails.suppressing import forget, suppress, suppressed
from jobs.models import Person, School
from jobs.testing import make_school
from tests.emails.people import A, B, C

NOW = datetime(2026, 11, 25, 10, tzinfo=UTC)


def put(school: School, *addresses: str) -> int:
    return suppress(school=school, addresses=addresses, reason=SuppressionReason.STAFF, now=NOW)


def test_suppressed_addresses_are_found_in_one_query(
    school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    put(school, A, C)
    with django_assert_num_queries(1):
        assert suppressed(school=school, addresses=[A, B, C]) == {A, C}


def test_nobody_asked_for_is_nobody_found(school: School) -> None:
    put(school, A)
    assert suppressed(school=school, addresses=[]) == set()


@pytest.mark.parametrize(
    ("listed", "asked"),
    [
        ("Ana@X.Example", "ana@x.example"),
        ("ana@x.example", "ANA@X.example"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        (" ana@x.example ", "ana@x.example"),
    ],
)
def test_spelling_of_an_address_does_not_matter(school: School, listed: str, asked: str) -> None:
    put(school, listed)
    assert suppressed(school=school, addresses=[asked]) == {asked}


def test_each_spelling_that_was_asked_for_comes_back(school: School) -> None:
    put(school, A)
    assert suppressed(school=school, addresses=[A, A.upper()]) == {A, A.upper()}


def test_what_is_no_address_can_be_asked_for_and_listed(school: School) -> None:
    put(school, "ana", "ana@" + "x" * 80)
    assert suppressed(school=school, addresses=["ana", "", "b@" + "y" * 80]) == {"ana"}


def test_list_of_another_school_means_nothing(school: School) -> None:
    put(make_school(), A)
    assert suppressed(school=school, addresses=[A]) == set()


def test_address_is_on_the_list_once(school: School) -> None:
    assert put(school, A, A.title()) == 1
    assert put(school, A, B) == 1
    assert Suppression.objects.count() == 2
    with pytest.raises(IntegrityError):
        Suppression.objects.create(school=school, hash=hash_of(A), reason="staff", added_at=NOW)


def test_removed_address_gets_mail_again_and_may_come_back(school: School, author: Person) -> None:
    put(school, A)
    entry = Suppression.objects.get()
    assert entry.remove(by=author, words="Asked for it.", now=NOW)
    assert not entry.remove(by=author, words="Twice.", now=NOW)
    assert suppressed(school=school, addresses=[A]) == set()
    assert put(school, A) == 1
    assert [row.removal_words for row in Suppression.objects.order_by("pk")] == ["Asked for it.", ""]


def test_only_the_hash_of_an_erased_address_is_kept_and_stays_in_force(school: School) -> None:
    suppress(school=school, addresses=[A], reason=SuppressionReason.BOUNCED, now=NOW, words=f"No {A} here")
    Suppression.objects.get().remove(by=None, words=f"{A} wrote", now=NOW)
    suppress(school=school, addresses=[A], reason=SuppressionReason.BOUNCED, now=NOW, words=f"No {A} here")
    put(school, B)
    forget(school=school, address=A.upper())
    kept = Suppression.objects.exclude(address=B).get()
    assert (kept.address, kept.words, kept.removal_words) == ("", "", "")
    assert suppressed(school=school, addresses=[A, B]) == {A, B}


def test_hash_needs_the_key_and_older_keys_still_count(school: School, settings: Settings) -> None:
    put(school, A)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    assert suppressed(school=school, addresses=[A]) == set()
    settings.SECRET_KEY_FALLBACKS = [old]
    assert suppressed(school=school, addresses=[A]) == {A}
    assert put(school, A) == 0
