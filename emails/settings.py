"""The settings of the mail writer, under MAIL: frozen, and checked when they are read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.signals import setting_changed

from emails.smtp.routes import Tls
from jobs.sections import MEGABYTE
from jobs.setting_fields import WrongSetting
from jobs.settings import read_section

TLS = ("none", "starttls", "implicit")
NUMBERS = {"spool_megabytes": "megabytes", "idle_seconds": "seconds", "verdict_seconds": "seconds"}
SIGNING_KEY = re.compile(r"([a-z0-9.-]+):([a-z0-9._-]+):(.+)", re.IGNORECASE)


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
    chunking: bool = False
    """Use BDAT where the relay offers CHUNKING."""
    idle_seconds: float = 30
    """A connection that waited longer than this is not used again."""
    verdict_seconds: float = 120
    """Longest wait for the relay's word on a whole mail; then it is uncertain."""
    dkim: Sequence[str] = ()
    """Signing keys, each as domain:selector:file."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work.

        Raises:
            WrongSetting: by name, value and unit.
        """
        if self.tls not in TLS:
            hint = f"Write one of {', '.join(TLS)}."
            raise WrongSetting(name="MAIL['tls']", value=self.tls, unit="word", hint=hint)
        for key, unit in NUMBERS.items():
            value = getattr(self, key)
            if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
                hint = "Write a number greater than 0."
                raise WrongSetting(name=f"MAIL[{key!r}]", value=value, unit=unit, hint=hint)
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


@cache
def mail_settings() -> MailSettings:
    """Return the settings in force.

    Raises:
        WrongSetting: the first that cannot work; the system check emails.E001 has told before.
    """
    return read_section(MailSettings, path="MAIL", given=settings.MAIL)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "MAIL":
        mail_settings.cache_clear()


setting_changed.connect(_forget)
