"""The settings of the mail writer, under MAIL, and of codes, under CODES: frozen, and checked when read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.signals import setting_changed

from emails.smtp.routes import Tls, is_local_name
from jobs.sections import MEGABYTE, Section
from jobs.setting_fields import About, WrongSetting, setting
from jobs.settings import read_section

TLS = ("none", "starttls", "implicit")
WAYS = ("attach", "link", "choose")
NUMBERS = {
    "spool_megabytes": "megabytes",
    "idle_seconds": "seconds",
    "verdict_seconds": "seconds",
    "link_above_megabytes": "megabytes",
    "link_days": "days",
}
SIGNING_KEY = re.compile(r"([a-z0-9.-]+):([a-z0-9._-]+):(.+)", re.IGNORECASE)
MAILBOX = re.compile(r"[a-z0-9._-]{1,20}@[a-z0-9.-]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A domain, and where the key is that signs mails from it."""

    domain: str
    selector: str
    file: Path


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """How mail leaves, besides Django's own EMAIL_ settings."""

    spool_folder: str
    """Where a worker host keeps encoded attachments; each host has its own."""
    spool_megabytes: float = 2048
    """The most that they may take, in megabytes of 1,048,576 bytes."""
    tls: Tls = "none"
    """none, starttls, or implicit (TLS from the first byte, usually on port 465)."""
    ca_file: str = ""
    """PEM file of the authority that vouches for the relay; empty for those of the system."""
    ehlo_name: str = ""
    """How we greet the relay, such as mail.example.edu; empty for the name of the machine."""
    chunking: bool = False
    """Use BDAT where the relay offers CHUNKING."""
    idle_seconds: float = 30
    """A connection that waited longer than this is not used again."""
    verdict_seconds: float = 120
    """Longest wait for the relay's word on a whole mail; then it is uncertain."""
    bounces_to: str = ""
    """The mailbox that takes mail which comes back, such as bounces@mail.example; empty for none.

    It must also take what is sent to bounces+anything@mail.example.
    """
    dkim: Sequence[str] = ()
    """Signing keys, each as domain:selector:file."""
    attachment_policy: str = "attach"
    """How files go with mailings of a school that has not chosen: attach, link (large ones) or choose."""
    link_above_megabytes: float = 5
    """Files of a mailing that weigh more together are large, in megabytes of 1,048,576 bytes."""
    link_days: float = 30
    """How long a link to a file works, counted from its mail."""
    again_hours: float = 48
    """Who had a mailing of the school in so many hours is told before the next is sent; 0 for nobody."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        if self.tls not in TLS:
            hint = f"Write one of {', '.join(TLS)}."
            raise WrongSetting(name="MAIL['tls']", value=self.tls, unit="word", hint=hint)
        if self.attachment_policy not in WAYS:
            name, hint = "MAIL['attachment_policy']", f"Write one of {', '.join(WAYS)}."
            raise WrongSetting(name=name, value=self.attachment_policy, unit="word", hint=hint)
        for key, unit in NUMBERS.items():
            value = getattr(self, key)
            if hint := About(says="", unit=unit).why_not(value):
                raise WrongSetting(name=f"MAIL[{key!r}]", value=value, unit=unit, hint=hint)
        hours = self.again_hours
        if hours != 0 and (hint := About(says="", unit="hours").why_not(hours)):
            hint = f"{hint.rstrip('.')}, or 0 to look at nobody."
            raise WrongSetting(name="MAIL['again_hours']", value=hours, unit="hours", hint=hint)
        if self.ehlo_name and not is_local_name(self.ehlo_name):
            hint = "Write a host's name such as mail.example.edu, or an IP address in brackets."
            raise WrongSetting(name="MAIL['ehlo_name']", value=self.ehlo_name, unit="host name", hint=hint)
        if self.bounces_to and not MAILBOX.fullmatch(self.bounces_to):
            hint = "Write an address such as bounces@mail.example, of at most 20 letters before the @."
            raise WrongSetting(
                name="MAIL['bounces_to']", value=self.bounces_to, unit="mail address", hint=hint
            )
        for entry in self.dkim:
            if not SIGNING_KEY.fullmatch(entry):
                hint = "Write domain:selector:file, such as mail.example:s1:/run/secrets/dkim.pem."
                raise WrongSetting(name="MAIL['dkim']", value=entry, unit="signing key", hint=hint)

    @property
    def spool_bytes(self) -> int:
        """The budget of the spool, in bytes."""
        return int(self.spool_megabytes * MEGABYTE)

    @property
    def signing_keys(self) -> dict[str, SigningKey]:
        """The signing keys by domain."""
        found = (SIGNING_KEY.fullmatch(entry) for entry in self.dkim)
        keys = [SigningKey(domain=m[1].lower(), selector=m[2], file=Path(m[3])) for m in found if m]
        return {key.domain: key for key in keys}


@dataclass(frozen=True, kw_only=True)
class CodeSettings(Section):
    """Who sends sign-in codes, and how often they may be asked for."""

    path = "CODES"
    sender: str = setting(
        default="",
        says="The address that codes come from; empty for that of all mail.",
        unit="mail address",
        kind=str,
    )
    again_seconds: float = setting(
        default=30,
        says="How long a person waits before they ask again; doubled with each code that they do not use.",
        unit="seconds",
    )
    again_most_seconds: float = setting(
        default=600, says="The longest of these waits.", unit="seconds", most=3600
    )
    person_hourly: int = setting(
        default=10, says="The most codes of one person.", unit="codes an hour", is_whole=True, least=1
    )
    network_hourly: int = setting(
        default=200,
        says="The most codes asked for from one IPv4 address, or one /64 of IPv6.",
        unit="codes an hour",
        is_whole=True,
        least=1,
    )
    school_hourly: int = setting(
        default=1000, says="The most codes of one school.", unit="codes an hour", is_whole=True, least=1
    )


@cache
def code_settings() -> CodeSettings:
    """Return the settings in force.

    Raises:
        WrongSetting: the first that cannot work; the system check emails.E006 has told before.
    """
    return read_section(CodeSettings, path="CODES", given=settings.CODES)


@cache
def mail_settings() -> MailSettings:
    """Return the settings in force.

    Raises:
        WrongSetting: the first that cannot work; the system check emails.E001 has told before.
    """
    return read_section(MailSettings, path="MAIL", given=settings.MAIL)


def _forget(**changed: object) -> None:
    if changed["setting"] == "MAIL":
        mail_settings.cache_clear()
    if changed["setting"] == "CODES":
        code_settings.cache_clear()


setting_changed.connect(_forget)
