"""Django's system checks of how mail leaves: a setting that cannot work stops the start."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django's name

from emails import composing
from emails.providers.settings import NONE, provider_settings
from emails.settings import MailSettings, code_settings, mail_settings
from emails.signers import key_for
from emails.smtp.routes import tls_context
from emails.smtp.signing import Signer, WrongKey
from jobs.sections import MEGABYTE
from jobs.setting_fields import WrongSetting
from jobs.settings import read

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TAILS_AT_ONCE = 2
ENCODED = 1.4
"""Base64 makes a file a third larger, its lines and headers a little more."""


def check_mail(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under MAIL, or of the sign-in to the relay, cannot work, and what to write."""
    try:
        now = mail_settings()
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="emails.E001")]
    return [*_sign_in(now), *_authority(now), *_spool(now), *_keys(now)]


def check_codes(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under CODES cannot work, and what to write."""
    try:
        code_settings()
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="emails.E006")]
    return []


def check_provider(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under MAIL_PROVIDER cannot work, and what is missed without another."""
    try:
        now = provider_settings()
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="emails.E007")]
    if now.name == NONE or now.webhook_secret:
        return []
    message = f"Nobody hears what {now.name} tells later: mail that came back, and complaints."
    hint = "Set MAIL_PROVIDER_WEBHOOK_SECRET, and let it call /mailings/providers/ with its name at the end."
    return [Warning(message, hint=hint, id="emails.W001")]


def check_senders(*_: object, **__: object) -> list[CheckMessage]:
    """Say which mail no key signs, where the settings have keys; without any the relay may do that."""
    try:
        keys, provider, codes = mail_settings().signing_keys, provider_settings(), code_settings()
    except WrongSetting:
        return []  # the checks of those tell
    usual = composing.sender_address()
    senders = {codes.sender or usual: "MAIL_CODES_FROM" if codes.sender else "MAIL_FROM"}
    if provider.name == NONE or provider.schools:
        senders = {usual: "MAIL_FROM", **senders}
    hint = "Name a key of its domain, or of one above that, in MAIL_DKIM."
    return [
        Warning(f"No key signs mail from {address} ({name}).", hint=hint, id="emails.W002")
        for address, name in senders.items()
        if keys and not key_for(address.rpartition("@")[2])
    ]


def _sign_in(now: MailSettings) -> Iterator[CheckMessage]:
    if bool(settings.EMAIL_HOST_USER) != bool(settings.EMAIL_HOST_PASSWORD):
        message = "EMAIL_HOST_USER and EMAIL_HOST_PASSWORD go together, and one of them is empty."
        yield Error(
            message, hint="Set MAIL_RELAY_USER and MAIL_RELAY_PASSWORD, or neither.", id="emails.E002"
        )
    if not (settings.EMAIL_HOST_USER + settings.EMAIL_HOST_PASSWORD).isascii():
        message = "The sign-in to the mail relay has letters beyond ASCII, which Python cannot send."
        yield Error(message, hint="Give the account another name or password.", id="emails.E009")
    if settings.EMAIL_HOST_PASSWORD and now.tls == "none" and settings.EMAIL_HOST not in LOOPBACK:
        message = f"The password of the mail relay would go to {settings.EMAIL_HOST} unencrypted."
        yield Error(message, hint="Set MAIL_RELAY_TLS to starttls or implicit.", id="emails.E003")


def _authority(now: MailSettings) -> Iterator[CheckMessage]:
    if now.tls == "none":
        return
    try:
        tls_context(now.ca_file)
    except OSError:  # what OpenSSL cannot read is one too
        message = f"MAIL['ca_file'] is {now.ca_file!r}, which is no file of certificates that can be read."
        hint = "Name a PEM file that the platform may read, or nothing for the authorities of the system."
        yield Error(message, hint=hint, id="emails.E008")


def _spool(now: MailSettings) -> Iterator[CheckMessage]:
    try:
        # Of the file, as the core does: at the first start no table is there to ask for a newer version.
        most = read(settings.SWITCHYARD).files.attachment_megabytes
    except WrongSetting:
        return  # jobs.E001 tells
    least = TAILS_AT_ONCE * ENCODED * most
    if now.spool_megabytes < least:
        message = f"MAIL['spool_megabytes'] is {now.spool_megabytes!r} (megabytes of {MEGABYTE:,} bytes)."
        hint = f"Write at least {least:.0f}: room for two mailings whose attachments have {most:g} MB each."
        yield Error(message, hint=hint, id="emails.E004")


def _keys(now: MailSettings) -> Iterator[CheckMessage]:
    for key in now.signing_keys.values():
        try:
            Signer.read(domain=key.domain, selector=key.selector, file=key.file)
        except WrongKey as error:
            hint = "Write domain:selector:file of a private RSA key of 2048 bits in PEM."
            yield Error(f"MAIL['dkim'], {key.domain}: {error}", hint=hint, id="emails.E005")


def register_all() -> None:
    """Register the checks with Django."""
    register(check_mail)
    register(check_codes)
    register(check_provider)
    register(check_senders)
