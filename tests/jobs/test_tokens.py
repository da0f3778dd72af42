"""Tokens: shown once, kept as a keyed hash, valid until they expire or are revoked."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import tokens
from jobs.models import ApiToken, School, Scope

pytestmark = pytest.mark.django_db


def make(school: School, **given: timedelta) -> tuple[ApiToken, str]:
    expires_at = timezone.now() + given["lasts"] if "lasts" in given else None
    return tokens.make(school=school, name="Registry", scopes=[Scope.READ], by=None, expires_at=expires_at)


def test_token_is_found_by_its_text_and_its_text_is_nowhere_kept(school: School) -> None:
    token, text = make(school)
    assert text.startswith(f"sy_{token.prefix}_")
    found = tokens.find(text, now=timezone.now())
    assert found == token
    row = ApiToken.objects.values().get()
    assert not any(text[12:] in str(value) for value in row.values())


@pytest.mark.parametrize("change", [lambda text: text[:-1], lambda text: f"{text}x", lambda text: text[3:]])
def test_text_that_is_not_quite_the_tokens_finds_nothing(school: School, change: object) -> None:
    _, text = make(school)
    assert callable(change)
    assert tokens.find(change(text), now=timezone.now()) is None


@pytest.mark.parametrize("text", ["", "sy_", "sy_\0\0\0\0\0\0\0\0_x", "sy_äääääääää_x", "Bearer sy_"])
def test_text_of_no_token_finds_nothing(db: None, text: str) -> None:
    assert tokens.find(text, now=timezone.now()) is None


def test_expired_token_lets_nobody_in_and_says_so(school: School) -> None:
    token, text = make(school, lasts=timedelta(hours=1))
    assert tokens.find(text, now=timezone.now()) is not None
    with pytest.raises(tokens.TokenSpent, match=rf"“Registry” \(sy_{token.prefix}…\) expired on 20"):
        tokens.find(text, now=timezone.now() + timedelta(hours=2))


def test_revoked_token_lets_nobody_in_and_is_revoked_once(school: School) -> None:
    token, text = make(school)
    assert tokens.revoke(token, by=None)
    assert not tokens.revoke(token, by=None)
    with pytest.raises(tokens.TokenSpent, match="was revoked on 20"):
        tokens.find(text, now=timezone.now())
    assert tokens.find(f"{text}x", now=timezone.now()) is None


def test_use_is_written_at_most_once_a_minute(
    school: School, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, text = make(school)
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False) as clock:
        with django_assert_num_queries(2):
            tokens.find(text, now=timezone.now())
        clock.shift(59)
        with django_assert_num_queries(1):
            tokens.find(text, now=timezone.now())
        clock.shift(1)
        with django_assert_num_queries(2):
            tokens.find(text, now=timezone.now())
        assert ApiToken.objects.get().last_used_at == timezone.now()


def test_token_outlives_a_change_of_the_secret_key(school: School, settings: Settings) -> None:
    _, text = make(school)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the next one", [settings.SECRET_KEY]
    assert tokens.find(text, now=timezone.now()) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert tokens.find(text, now=timezone.now()) is None
