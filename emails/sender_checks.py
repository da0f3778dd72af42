"""What the pre-flight finds about the sender: whether mail servers can tell that our mail is no forgery."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import composing
from emails.findings import Finding, fine, leave_open, warn
from emails.resolving import CannotAsk, Texts
from emails.sender_records import Policy, Published, Spf, policy_of, published_for, spf_of
from emails.settings import mail_settings
from emails.signers import key_for, signer_of
from emails.smtp.signing import WrongKey

SENDER = gettext_lazy("Sender")
RESERVED = (".example", ".test", ".invalid", ".localhost", ".example.com", ".example.net", ".example.org")
"""Names for trying things out, of which the DNS says nothing (RFC 2606)."""
RUNNERS = gettext_lazy("The people who run the platform can mend that")
Found = TypeVar("Found")


def check_sender() -> Iterator[Finding]:
    """Say what keeps mail servers from telling that our mail comes from where it says.

    Takes two seconds at the most, and for ten minutes after that no time.
    """
    domain = _domain_of(composing.sender_address())
    if f".{domain}".endswith(RESERVED):
        says = _(
            "{domain} is a name for trying things out: whether mail servers trust it cannot be known."
        ).format(domain=domain)
        yield leave_open(SENDER, says)
        return
    envelope = _domain_of(mail_settings().bounces_to) or domain
    texts = Texts()
    spf = _asked(partial(spf_of, envelope, texts=texts))
    key = _asked(partial(_key_of, domain, texts=texts))
    policies = _asked(lambda: [policy_of(domain, texts=texts)])
    found = [*_about_spf(spf, envelope), *map(_may_be_junk, _faults(key, domain=_signing(domain)))]
    if policies is not None:
        found += _about_policy(policies[0], domain=domain, envelope=envelope, spf=spf, key=key)
    found += _about_others(domain, texts=texts)
    yield from found
    if None in (spf, policies, key):
        says = _(
            "Whether mail servers trust mail from {domain} could not be looked up: the DNS did not answer."
        ).format(domain=domain)
        yield leave_open(SENDER, says)
    elif not found:
        yield fine(
            SENDER,
            _("Mail servers can tell that mail from {domain} is ours: SPF, DKIM and DMARC fit.").format(
                domain=domain
            ),
        )


def _about_spf(spf: Spf | None, envelope: str) -> Iterator[Finding]:
    if spf is Spf.MISSING:
        what = _("{envelope} does not say who may send its mail (it has no SPF record)").format(
            envelope=envelope
        )
        yield _may_be_junk(what)
    if spf is Spf.DOUBLED:
        yield _may_be_junk(
            _("{envelope} has more than one SPF record, so none of them counts").format(envelope=envelope)
        )


Key = Published | str | None
"""What stands in the DNS; a sentence when we have no key; None when the DNS does not tell."""


def _faults(key: Key, *, domain: str) -> Iterator[str]:
    if isinstance(key, str):
        yield key
    if key is Published.NOTHING:
        yield _("the DKIM key that signs mail from {domain} is not published in its DNS").format(
            domain=domain
        )
    if key is Published.ANOTHER:
        yield _("the DKIM key in the DNS of {domain} is not the one that signs its mail").format(
            domain=domain
        )


def _about_others(domain: str, *, texts: Texts) -> Iterator[Finding]:
    """Say what is wrong with the keys of domains that other mail comes from, such as the codes'.

    They are asked for last, in the time that is left, and of those that do not answer nothing is said.
    """
    for other in mail_settings().signing_keys:
        if other == _signing(domain):
            continue
        for fault in _faults(_asked(partial(_key_of, other, texts=texts)), domain=other):
            says = _(
                "Mail servers may take other mail, from {other}, for junk: {fault}. This mailing does not "
                "come from there. {runners}."
            )
            yield warn(SENDER, says.format(other=other, fault=fault, runners=RUNNERS))


def _about_policy(
    policy: Policy | None, *, domain: str, envelope: str, spf: Spf | None, key: Key
) -> Iterator[Finding]:
    if policy is None:
        yield _may_be_junk(
            _("{domain} has no DMARC policy, which large mail providers ask for").format(domain=domain)
        )
        return
    if spf is None or key is None:
        return
    spf_counts = spf is Spf.THERE and policy.aligns(envelope, sender=domain, tag="aspf")
    key_counts = key is Published.OURS and policy.aligns(_signing(domain), sender=domain, tag="adkim")
    if not spf_counts and not key_counts:
        what = _("neither SPF nor DKIM speaks for {domain}, as its DMARC policy demands").format(
            domain=domain
        )
        says = _("Mail servers are told to refuse this mailing: {what}. {runners}.")
        refused = warn(SENDER, says.format(what=what, runners=RUNNERS))
        yield refused if policy.is_strict(sender=domain) else _may_be_junk(what)


def _may_be_junk(what: str) -> Finding:
    return warn(
        SENDER,
        _("Mail servers may take this mailing for junk: {what}. {runners}.").format(
            what=what, runners=RUNNERS
        ),
    )


def _key_of(domain: str, *, texts: Texts) -> Published | str:
    try:
        signer = signer_of(domain)
    except WrongKey:
        return _("the DKIM key of {domain} cannot be read").format(domain=_signing(domain))
    if signer is None:
        return _("mail from {domain} is not signed (MAIL_DKIM names no key for it)").format(domain=domain)
    return published_for(signer.key.public_key(), domain=signer.domain, selector=signer.selector, texts=texts)


def _signing(domain: str) -> str:
    """Return the domain whose key signs mail from `domain`."""
    key = key_for(domain)
    return key.domain if key else domain


def _asked(ask: Callable[[], Found]) -> Found | None:
    try:
        return ask()
    except CannotAsk:
        return None


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
