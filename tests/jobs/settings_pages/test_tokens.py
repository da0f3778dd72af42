"""The page of all schools' tokens: looked at by operations, revoked by administrators, with a reason."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from jobs import tokens
from jobs.models import ApiToken, Role, School, Scope, TokenEvent
from jobs.testing import make_person, make_school
from tests.jobs.settings_pages.conftest import text_of

TOKENS = "/ops/settings/tokens/"


def make(school: School, *, name: str = "Register") -> ApiToken:
    """Make a token of the school."""
    return tokens.make(school=school, name=name, scopes=[Scope.READ], by=None)[0]


def test_token_of_any_school_is_revoked_with_a_reason(admin: Client) -> None:
    token = make(make_school(name="Aberdeen"))
    address = f"{TOKENS}{token.pk}/revoke/"
    assert "It is one of Aberdeen" in text_of(admin.get(address).content.decode())
    assert admin.post(address, {"why": ""}).status_code == 422
    token.refresh_from_db()
    assert token.revoked_at is None
    page = text_of(admin.post(address, {"why": "It leaked"}, follow=True).content.decode())
    token.refresh_from_db()
    assert not token.is_valid(now=timezone.now())
    assert "The token “Register” of Aberdeen lets nobody in any more." in page
    assert "Aberdeen Revoked Test Person It leaked" in page


def test_list_shows_the_tokens_of_one_school_or_of_all(admin: Client) -> None:
    first, second = make_school(), make_school()
    make(first, name="Register")
    make(second, name="Calendar")
    both = admin.get(TOKENS).content.decode()
    assert "Register" in both
    assert "Calendar" in both
    one = admin.get(TOKENS, {"school": second.slug}).content.decode()
    assert "Register" not in one
    assert "Calendar" in one


def test_ops_look_at_tokens_and_revoke_none(ops: Client, school: School) -> None:
    token = make(school)
    assert "Register" in ops.get(TOKENS).content.decode()
    assert ops.post(f"{TOKENS}{token.pk}/revoke/", {"why": "Mine"}).status_code == 403
    token.refresh_from_db()
    assert token.revoked_at is None


def test_staff_see_no_tokens_of_other_schools(client: Client, school: School) -> None:
    client.force_login(make_person(role=Role.MANAGER))
    assert client.get(TOKENS).status_code == 403
    assert client.get(f"{TOKENS}{make(school).pk}/revoke/").status_code == 403


def test_what_was_done_about_tokens_stays(school: School) -> None:
    token, by = make(school), make_person(school=school)
    assert tokens.revoke(token, by=by)
    assert not tokens.revoke(token, by=by)
    assert list(TokenEvent.objects.values_list("what", "by")) == [("revoked", by.pk), ("made", None)]
    for change in (lambda: TokenEvent.objects.update(why=""), lambda: TokenEvent.objects.all().delete()):
        with pytest.raises(DatabaseError, match="is never changed"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_page_costs_few_queries(admin: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make(make_school())
    with django_assert_num_queries(6):
        admin.get(TOKENS)
