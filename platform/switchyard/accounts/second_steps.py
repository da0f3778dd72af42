"""Second steps of signing in: who has one, and who needs one."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from jobs.models import Person

ENOUGH = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes are only for whoever lost one of these."""


def has_one(person: Person) -> bool:
    """Whether the person shows an app's code or a passkey in place of the mailed code."""
    return bool(Authenticator.objects.filter(user=person, type__in=ENOUGH).exists())


def kinds_of(person: Person) -> set[str]:
    """Return which of an app and passkeys the person has, as the library calls them."""
    found = Authenticator.objects.filter(user=person, type__in=ENOUGH)
    return set(found.values_list("type", flat=True))


def is_needed_by(person: Person) -> bool:
    """Whether the person's role works only with a second step, by SECOND_STEP_FOR."""
    return person.role in settings.SECOND_STEP_FOR


def may_go(authenticator: Authenticator) -> bool:
    """Whether the second step may be removed: not the last of a person who needs one."""
    if authenticator.type not in ENOUGH or not is_needed_by(authenticator.user):
        return True
    others = Authenticator.objects.filter(user=authenticator.user, type__in=ENOUGH)
    return bool(others.exclude(pk=authenticator.pk).exists())


def forget_all(person: Person) -> int:
    """Remove every second step of the person, who has lost them; return how many there were."""
    return int(Authenticator.objects.filter(user=person).delete()[0])
