"""Making, finding and revoking the tokens that let a school's own programs in."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from jobs.models import ApiToken, Person, School, Scope, TokenEvent
from jobs.models.people import PLATFORM

log = structlog.get_logger()

MARK = "sy_"
"""What every token begins with, so that programs that look for secrets in files can tell."""
PREFIX_CHARACTERS = 8
SECRET_BYTES = 32
SALT = "jobs.tokens"
MADE, REVOKED = "made", "revoked"
USE_IS_NEWS_AFTER = timedelta(minutes=1)


class WrongScope(Exception):
    """A school's own token cannot have a scope that concerns all schools; the message names it."""


class SchoolIsOff(Exception):
    """The token is one of a school that is switched off; the message says so to whoever has it."""


class TokenSpent(Exception):
    """The text is a token's, which has expired or was revoked; the message says so to whoever has it."""


def make(
    *,
    school: School,
    name: str,
    scopes: Iterable[Scope],
    by: Person | None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its text, which nobody can find out later.

    Raises:
        WrongScope: only a token of the platform may have one of `scopes`.
    """
    scopes = set(scopes)
    if school.slug != PLATFORM and (wide := sorted(scopes.difference(Scope.of_schools()))):
        message = _(
            "The scope {scope} concerns all schools: only a token of the school {school} has it."
        ).format(scope=wide[0], school=PLATFORM)
        raise WrongScope(message)
    prefix = secrets.token_hex(PREFIX_CHARACTERS // 2)
    text = f"{MARK}{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    with transaction.atomic():
        token = ApiToken.objects.create(
            school=school,
            name=name,
            prefix=prefix,
            digest=_digest(text, key=settings.SECRET_KEY),
            scopes=[str(scope) for scope in Scope if scope in scopes],
            created_by=by,
            created_at=timezone.now(),
            expires_at=expires_at,
        )
        _note(token, what=MADE, by=by)
    log.info("token_made", token=token.pk, school=school.pk)
    return token, text


def find(text: str, *, now: datetime) -> ApiToken | None:
    """Return the token whose text this is, and note its use; None when it is no token's text.

    A token stays valid when SECRET_KEY changes, as long as the old key is in SECRET_KEY_FALLBACKS.

    Raises:
        TokenSpent: it lets nobody in at `now`.
        SchoolIsOff: nor does it as long as its school is off.
    """
    prefix = text.removeprefix(MARK)[:PREFIX_CHARACTERS]
    if not text.startswith(MARK) or not prefix.isascii() or not prefix.isalnum():
        return None
    token: ApiToken | None = (
        ApiToken.objects.select_related("school", "created_by").filter(prefix=prefix).first()
    )
    if token is None or not _is_text_of(token, text):
        return None
    if not token.is_valid(now=now):
        message = _("The token “{token}” ({MARK}{prefix}…) {end_of}.").format(
            token=token, MARK=MARK, prefix=prefix, end_of=_end_of(token)
        )
        raise TokenSpent(message)
    if not token.school.is_on:
        message = _("The school {school} is switched off: its programs are let in no more.").format(
            school=token.school
        )
        raise SchoolIsOff(message)
    _note_use(token, now=now)
    return token


def revoke(token: ApiToken, *, by: Person | None, why: str = "") -> bool:
    """Let nobody in with `token` any more; return whether this call did it."""
    with transaction.atomic():
        won = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
        if won:
            _note(token, what=REVOKED, by=by, why=why)
    if won:
        log.info("token_revoked", token=token.pk, school=token.school_id)
    return bool(won)


def _note(token: ApiToken, *, what: str, by: Person | None, why: str = "") -> None:
    TokenEvent.objects.create(school=token.school, token=token, at=timezone.now(), what=what, by=by, why=why)


def _end_of(token: ApiToken) -> str:
    if token.revoked_at is not None:
        return _("was revoked on {revoked_at:%Y-%m-%d}").format(revoked_at=token.revoked_at)
    return _("expired on {expires_at:%Y-%m-%d}").format(expires_at=token.expires_at)


def _is_text_of(token: ApiToken, text: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(token.digest, _digest(text, key=key)) for key in keys)


def _digest(text: str, *, key: str | bytes) -> str:
    return salted_hmac(SALT, text, secret=key, algorithm="sha256").hexdigest()


def _note_use(token: ApiToken, *, now: datetime) -> None:
    before = now - USE_IS_NEWS_AFTER
    if token.last_used_at is not None and token.last_used_at > before:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=before)
    ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)
