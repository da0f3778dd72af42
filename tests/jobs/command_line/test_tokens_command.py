"""`manage.py tokens`: a token is printed once, listed without its text, and revoked by its prefix."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from jobs import tokens
from jobs.management.verbs.exits import Exit
from jobs.models import ApiToken, School
from jobs.testing import make_person

Run = Callable[..., Any]


def create(run: Run, school: School, *more: object) -> Any:
    return run("create", "--school", school.slug, "--name", "Registry", "--scopes", "jobs:read", *more)


def test_created_token_is_all_that_is_written(tokens_command: Run, school: School) -> None:
    text = create(tokens_command, school).text.removesuffix("\n")
    token = tokens.find(text, now=timezone.now())
    assert token is not None
    assert (token.name, token.scopes, token.school) == ("Registry", ["jobs:read"], school)


def test_token_has_scopes_a_person_and_an_end(tokens_command: Run, school: School) -> None:
    person = make_person(school=school)
    told = create(
        tokens_command, school, "jobs:change", "--expires", "90d", "--by", person.email, "--json"
    ).document
    token = ApiToken.objects.get()
    assert told["token"].startswith(f"sy_{token.prefix}_")
    assert told["scopes"] == ["jobs:read", "jobs:change"]
    assert token.created_by == person
    assert token.expires_at > timezone.now() + timedelta(days=89)


def test_listed_tokens_do_not_show_their_text(tokens_command: Run, school: School) -> None:
    text = create(tokens_command, school).text.strip()
    listed = tokens_command("list", "--school", school.slug)
    assert ApiToken.objects.get().prefix in listed.text
    assert text[12:] not in listed.text
    assert tokens_command("list", "--json").document["tokens"][0]["token"] is None


def test_token_is_revoked_once(tokens_command: Run, school: School) -> None:
    create(tokens_command, school)
    prefix = ApiToken.objects.get().prefix
    assert tokens_command("revoke", prefix).exit == Exit.DONE
    assert ApiToken.objects.get().revoked_at is not None
    assert tokens_command("revoke", prefix).exit == Exit.REFUSED
    assert tokens_command("revoke", "nothing").exit == Exit.NOT_FOUND


def test_name_that_is_too_long_is_refused(tokens_command: Run, school: School) -> None:
    ran = tokens_command("create", "--school", school.slug, "--name", "n" * 101, "--scopes", "jobs:read")
    assert ran.exit == Exit.INVALID
    assert not ApiToken.objects.exists()
