"""Signing in with a school's own provider (OpenID Connect or SAML): who is let in, and how one is set."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.utils import decrypt, encrypt
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import people
from jobs.models import Person, School
from switchyard.accounts.saml_metadata import SamlProvider
from switchyard.pages.doors import SCHOOL_IS_OFF

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger()

OPENID_CONNECT, SAML = "openid_connect", "saml"
KINDS = (OPENID_CONNECT, SAML)
"""As the library calls them. A school has one provider, of either kind."""
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
            ImmediateHttpResponse: a page that says why they are not let in.
        """
        school = School.objects.filter(slug=sociallogin.account.provider).first()
        person = _known(sociallogin) if sociallogin.is_existing else _invited(sociallogin, school=school)
        if person is None or school is None or person.school_id != school.pk or not person.is_let_in:
            log.info("school_sign_in_refused", school=sociallogin.account.provider)
            raise ImmediateHttpResponse(_refused(request, sociallogin, school=school))
        if not sociallogin.is_existing:
            sociallogin.email_addresses = []  # addresses are those of our people
            sociallogin.connect(request, person)
            said = _("signed in with {school} for the first time").format(school=school.name)
            people.note(about=person, by=None, what=said, now=timezone.now())


def _refused(request: HttpRequest, login: SocialLogin, *, school: School | None) -> HttpResponse:
    """Return the page that says why the school's sign-in lets nobody in."""
    if reason := _reason(login, school=school):
        return render(request, "account/provider_refused.html", {"reason": reason}, status=403)
    return render(request, "account/not_invited.html", {"school": school}, status=403)


def _reason(login: SocialLogin, *, school: School | None) -> str:
    """Return why nobody can be known by what the provider told; empty where nobody invited them."""
    if school is not None and not school.is_on:
        return str(SCHOOL_IS_OFF)
    told = [each.email for each in login.email_addresses]
    if login.is_existing or _vouched(login, school=school):
        return ""
    if not told:
        return _(
            "It does not name your e-mail address. Your school's IT can let it send the claim email to this "
            "service."
        )
    return _(
        "It says that your e-mail address {address} is not verified, or does not say that it is. Your "
        "school's IT can let it send email_verified as true; where it cannot, an administrator can set "
        "here that the school vouches for its addresses."
    ).format(address=told[0])


def provider_of(school: School) -> SocialApp | None:
    """Return the school's provider."""
    return SocialApp.objects.filter(provider__in=KINDS, provider_id=school.slug).first()


def offered() -> list[SocialApp]:
    """Return the providers that the page of signing in offers: those of schools that are on."""
    off = School.objects.filter(is_on=False).values("slug")
    found = SocialApp.objects.filter(provider__in=KINDS).exclude(provider_id__in=off)
    return list(found.order_by("name"))


def saml_of(app: SocialApp) -> SamlProvider:
    """Return whose answers are believed for a school's SAML provider."""
    kept = app.settings
    return SamlProvider(
        entity_id=kept["entity_id"],
        sign_in_url=kept["sign_in_url"],
        certificates=tuple(kept["certificates"]),
    )


def set_openid_connect(
    *, school: School, by: Person, issuer: str, client_id: str, secret: str, trusts_addresses: bool
) -> None:
    """Let the school's people sign in with OpenID Connect; an empty `secret` keeps the one there is."""
    before = provider_of(school)
    kept = before.settings.get("secret", "") if before else ""
    settings = {
        "server_url": issuer.rstrip("/"),
        "secret": encrypt(secret) if secret else kept,
        "trusts_addresses": trusts_addresses,
        "oauth_pkce_enabled": True,
    }
    _set(school=school, by=by, kind=OPENID_CONNECT, client_id=client_id, settings=settings)


def set_saml(
    *, school: School, by: Person, provider: SamlProvider, domains: list[str], address_attribute: str
) -> None:
    """Let the school's people sign in with SAML, whose addresses are in one of the `domains`."""
    settings = {
        **asdict(provider),
        "address_attribute": address_attribute,
        "verified_email": domains,
        "attribute_mapping": {"uid": "name", "email": "address"},
    }
    _set(school=school, by=by, kind=SAML, client_id=school.slug, settings=settings)


def _set(*, school: School, by: Person, kind: str, client_id: str, settings: dict[str, Any]) -> None:
    """Make it the school's one provider."""
    values = {"name": school.name[:NAME_LETTERS], "client_id": client_id, "settings": settings}
    with transaction.atomic():
        before = provider_of(school)
        if before and (before.provider, called(before.settings)) != (kind, called(settings)):
            # Names of people at one provider say nothing at another.
            SocialAccount.objects.filter(provider=school.slug).delete()
        SocialApp.objects.filter(provider__in=KINDS, provider_id=school.slug).exclude(provider=kind).delete()
        SocialApp.objects.update_or_create(provider=kind, provider_id=school.slug, defaults=values)
        said = _("set the sign-in of {school}").format(school=school.name)
        people.note(about=by, by=by, what=said, now=timezone.now())


def called(settings: Mapping[str, Any]) -> str:
    """Return what a provider calls itself: its issuer, or in SAML its entity ID."""
    return str(settings.get("server_url") or settings["entity_id"])


def remove_provider(*, school: School, by: Person) -> None:
    """Let nobody sign in with the school's provider any more."""
    with transaction.atomic():
        SocialAccount.objects.filter(provider=school.slug).delete()
        if SocialApp.objects.filter(provider__in=KINDS, provider_id=school.slug).delete()[0]:
            said = _("removed the sign-in of {school}").format(school=school.name)
            people.note(about=by, by=by, what=said, now=timezone.now())


def _known(login: SocialLogin) -> Person | None:
    return login.user if isinstance(login.user, Person) else None


def _invited(login: SocialLogin, *, school: School | None) -> Person | None:
    """Return the person of the school whose address the provider vouches for."""
    if school is None:
        return None
    vouched = _vouched(login, school=school)
    return Person.objects.filter(email__in=vouched, school=school, is_active=True).first()


def _vouched(login: SocialLogin, *, school: School | None) -> list[str]:
    """Return the addresses that the school's provider says are the person's own."""
    provider = provider_of(school) if school else None
    if provider is None:
        return []
    trusts = bool(provider.settings.get("trusts_addresses"))
    return [each.email.lower() for each in login.email_addresses if each.verified or trusts]
