"""What the pre-flight finds about the provider that a mailing goes through, such as too large mails."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import composing, oversize, sender_checks
from emails.findings import Finding, fine, leave_open
from emails.models import Mailing
from emails.providers import catalogue
from emails.reaching import Reach
from emails.sizes import encoded
from jobs.sizes import size

PROVIDER = gettext_lazy("Mail provider")
TEXT_BYTES = 100_000
"""Left for the text: more than any that staff write."""


def check_provider(mailing: Mailing, reach: Reach, *, attached_bytes: int) -> Iterator[Finding]:
    """Say which provider takes the mails, if one does, and whether they are too large for it."""
    provider = catalogue.provider_of(mailing.school)
    if provider is None:
        return
    shared_bytes = encoded(attached_bytes) + TEXT_BYTES
    if too_large := oversize.over(reach, shared_bytes=shared_bytes, most_bytes=provider.most_mail_bytes):
        yield oversize.finding_of(too_large, title=PROVIDER, carrier=provider.title)
        return
    is_shared = attached_bytes and provider.shares_files and not mailing.has_own_files
    says = _("It goes through {provider}, which takes mails up to {most}.").format(
        provider=provider.title, most=size(provider.most_mail_bytes)
    )
    yield fine(PROVIDER, f"{says} {_('Files travel once for many mails.')}" if is_shared else says)


def check_sender(mailing: Mailing) -> Iterator[Finding]:
    """Say what keeps mail servers from telling that our mail comes from where it says.

    A provider signs with a key of its own and has mail come back to itself: the DNS of our settings tells
    nothing of that.
    """
    provider = catalogue.provider_of(mailing.school)
    if provider is None:
        yield from sender_checks.check_sender()
        return
    domain = composing.sender_address().rpartition("@")[2].lower()
    yield leave_open(
        sender_checks.SENDER,
        _(
            "{provider} signs the mails. Whether mail servers trust them depends on what is set there for "
            "{domain}, which cannot be looked up here."
        ).format(provider=provider.title, domain=domain),
    )
