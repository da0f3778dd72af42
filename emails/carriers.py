"""Carriers: who takes the mails of a mailing, the mail relay or a provider, as pages name them."""

from django.utils.translation import gettext as _

from emails.models import Mailing
from emails.providers.catalogue import PROVIDERS, provider_of
from emails.providers.settings import provider_settings
from jobs.language import either
from jobs.models import School

RELAY = "relay"


def carrier_of(school: School) -> str:
    """Return the name of what takes mailings of `school` now."""
    return provider_settings().name if provider_of(school) else RELAY


def title_of(name: str) -> str:
    """Return what pages call the carrier of this name, for the middle of a sentence."""
    return PROVIDERS[name].title if name in PROVIDERS else _("the mail relay")


def taken_by(mailing: Mailing) -> str:
    """Return what took mails of `mailing`, or will take them if none was handed over yet.

    For the middle of a sentence: `the mail relay`, or `Postmark or the mail relay` when the settings changed.
    """
    names = mailing.carriers or [carrier_of(mailing.school)]
    return either([title_of(name) for name in names])
