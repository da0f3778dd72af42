"""The settings of the mail provider, under MAIL_PROVIDER: frozen, and checked when read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signals import setting_changed

from jobs.sections import Section
from jobs.setting_fields import WrongSetting, setting
from jobs.settings import read_section

NONE = "none"
NAMES = (NONE, "postmark", "mailgun", "sparkpost")
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
HOSTS = {"postmark": "api.postmarkapp.com", "mailgun": "api.mailgun.net", "sparkpost": "api.sparkpost.com"}
"""Where each listens unless the settings say otherwise."""


@dataclass(frozen=True, kw_only=True)
class ProviderSettings(Section):
    """Which provider takes mailings in place of the relay, and how it knows us."""

    path = "MAIL_PROVIDER"
    name: str = setting(
        default=NONE, says="The provider; none for the mail relay.", unit="word", choices=NAMES
    )
    key: str = setting(
        default="", says="The key that lets us send (Postmark: server token).", unit="key", kind=str
    )
    url: str = setting(
        default="",
        says="Its address, where it is another than usual, such as in the EU.",
        unit="url",
        kind=str,
    )
    domain: str = setting(
        default="", says="Mailgun: the domain we send from, if not the sender's.", unit="domain", kind=str
    )
    stream: str = setting(default="", says="Postmark: the message stream of mailings.", unit="name", kind=str)
    schools: Sequence[str] = setting(
        default=(),
        says="Slugs of the schools whose mailings go there; empty for all.",
        unit="slugs",
        kind=list,
    )
    webhook_secret: str = setting(
        default="",
        says="What proves its events: user:password, with Mailgun the signing key of webhooks.",
        unit="secret",
        kind=str,
    )

    def __post_init__(self) -> None:
        """Refuse values that cannot work; a secret's value is not told.

        Raises:
            WrongSetting: by name and unit.
        """
        super().__post_init__()
        if self.name == NONE:
            return
        if not self.key:
            hint = f"Write the key that {self.name} gave you, or the name none."
            raise WrongSetting(name="MAIL_PROVIDER['key']", value="", unit="key", hint=hint)
        parts = urlsplit(self.url)
        if self.url and not (parts.scheme == "https" or parts.hostname in LOOPBACK):
            hint = "Write an address that begins with https://: the key goes there."
            raise WrongSetting(name="MAIL_PROVIDER['url']", value=self.url, unit="url", hint=hint)
        is_pair = all(self.webhook_secret.partition(":"))
        if self.webhook_secret and self.name != "mailgun" and not is_pair:
            hint = "Write user:password, as they stand in the address that the provider calls."
            raise WrongSetting(name="MAIL_PROVIDER['webhook_secret']", value="…", unit="secret", hint=hint)

    @property
    def host(self) -> str:
        """The provider's host and port, as its breaker is named."""
        return urlsplit(self.url).netloc.rpartition("@")[2] or HOSTS.get(self.name, "")


@cache
def provider_settings() -> ProviderSettings:
    """Return the settings in force.

    Raises:
        WrongSetting: the first that cannot work; the system check emails.E007 has told before.
    """
    return read_section(ProviderSettings, path="MAIL_PROVIDER", given=settings.MAIL_PROVIDER)


def _forget(**changed: object) -> None:
    if changed["setting"] == "MAIL_PROVIDER":
        provider_settings.cache_clear()


setting_changed.connect(_forget)
