"""Signing in with a school's own provider (OpenID Connect): who is let in, and how a school gets one."""

from typing import TYPE_CHECKING, Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.utils import decrypt, encrypt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils import timezone

from jobs import people
from jobs.models import Person, School

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger()

KIND = "openid_connect"
NAME_LETTERS = 40
"""As long as the library keeps names."""


class SchoolSignInAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # the package ships no types
    """Lets in people of the provider's own school, whom somebody has invited."""

    def is_open_for_signup(self, *_given: Any) -> bool:
        """People are invited."""
        return False

    def list_apps(self, *args: Any, **kwargs: Any) -> "Sequence[SocialApp]":
        """Return the providers with their secrets as they are sent."""
        apps: Sequence[SocialApp] = super().list_apps(*args, **kwargs)
        for app in apps:
            app.secret = decrypt(app.settings["secret"]) if app.settings.get("secret") else ""
        return apps

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Connect who comes for the first time to the person with their address.

        Raises:
            ImmediateHttpResponse: a page that says that nobody of the school has this login.
        """
        school = School.objects.filter(slug=sociallogin.account.provider).first()
        person = _known(sociallogin) if sociallogin.is_existing else _invited(sociallogin, school=school)
        if person is None or school is None or person.school_id != school.pk or not person.is_active:
            log.info("school_sign_in_refused", school=sociallogin.account.provider)
            raise ImmediateHttpResponse(
                render(request, "account/not_invited.html", {"school": school}, status=403)
            )
        if not sociallogin.is_existing:
            sociallogin.email_addresses = []  # addresses are those of our people
            sociallogin.connect(request, person)
            said = f"signed in with {school.name} for the first time"
            people.note(about=person, by=None, what=said, now=timezone.now())


def provider_of(school: School) -> SocialApp | None:
    """Return the school's provider."""
    return SocialApp.objects.filter(provider=KIND, provider_id=school.slug).first()


def offered() -> list[SocialApp]:
    """Return the providers that the page of signing in offers."""
    return list(SocialApp.objects.filter(provider=KIND).order_by("name"))


def set_provider(
    *, school: School, by: Person, issuer: str, client_id: str, secret: str, trusts_addresses: bool
) -> None:
    """Let the school's people sign in with its provider; an empty `secret` keeps the one there is."""
    before = provider_of(school)
    kept = before.settings.get("secret", "") if before else ""
    settings = {
        "server_url": issuer.rstrip("/"),
        "secret": encrypt(secret) if secret else kept,
        "trusts_addresses": trusts_addresses,
        "oauth_pkce_enabled": True,
    }
    values = {"name": school.name[:NAME_LETTERS], "client_id": client_id, "settings": settings}
    with transaction.atomic():
        if before and before.settings.get("server_url") != settings["server_url"]:
            # Names of people at one provider say nothing at another.
            SocialAccount.objects.filter(provider=school.slug).delete()
        SocialApp.objects.update_or_create(provider=KIND, provider_id=school.slug, defaults=values)
        people.note(about=by, by=by, what=f"set the sign-in of {school.name}", now=timezone.now())


def remove_provider(*, school: School, by: Person) -> None:
    """Let nobody sign in with the school's provider any more."""
    with transaction.atomic():
        SocialAccount.objects.filter(provider=school.slug).delete()
        if SocialApp.objects.filter(provider=KIND, provider_id=school.slug).delete()[0]:
            people.note(about=by, by=by, what=f"removed the sign-in of {school.name}", now=timezone.now())


def _known(login: SocialLogin) -> Person | None:
    return login.user if isinstance(login.user, Person) else None


def _invited(login: SocialLogin, *, school: School | None) -> Person | None:
    """Return the person of the school whose address the provider vouches for."""
    provider = provider_of(school) if school else None
    if school is None or provider is None:
        return None
    trusts = bool(provider.settings.get("trusts_addresses"))
    vouched = [each.email.lower() for each in login.email_addresses if each.verified or trusts]
    return Person.objects.filter(email__in=vouched, school=school, is_active=True).first()
