"""What the pre-flight finds about the provider that a mailing goes through, such as too large mails."""

from collections.abc import Iterator

from emails import composing, sender_checks
from emails.findings import Finding, block, fine, leave_open
from emails.models import Mailing
from emails.providers import catalogue
from emails.reaching import Reach
from emails.sizes import encoded
from jobs.sizes import size

PROVIDER = "Mail provider"
TEXT_BYTES = 100_000
"""Left for the text: more than any that staff write."""


def check_provider(mailing: Mailing, reach: Reach, *, attached_bytes: int) -> Iterator[Finding]:
    """Say which provider takes the mails, if one does, and whether they are too large for it."""
    provider = catalogue.provider_of(mailing.school)
    if provider is None:
        return
    most = size(provider.most_mail_bytes)
    own = max(map(reach.own_bytes_of, reach.recipients), default=0)
    each = encoded(attached_bytes + own) + TEXT_BYTES
    if each > provider.most_mail_bytes:
        yield block(
            PROVIDER,
            f"{provider.title}, through which this mailing goes, takes mails up to {most}. With these files "
            f"each mail has about {size(each)}: files grow by a third in a mail. Take one away or make it "
            "smaller, or write a link to it into the text.",
        )
        return
    is_shared = attached_bytes and provider.shares_files and not mailing.has_own_files
    once = " Files travel once for many mails." if is_shared else ""
    yield fine(PROVIDER, f"It goes through {provider.title}, which takes mails up to {most}.{once}")


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
        f"{provider.title} signs the mails. Whether mail servers trust them depends on what is set there for "
        f"{domain}, which cannot be looked up here.",
    )
