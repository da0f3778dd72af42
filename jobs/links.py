"""Links that lead to one thing without sign-in: made of its id, and signed so that nobody guesses others.

Nothing about a link is stored. Whether what it leads to may still be had is the business of who made it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

STANDS_FOR_TOKEN = "TOKEN"  # noqa: S105 - a place in an address


def can_link() -> bool:
    """Whether links can be made: the settings must say where this platform is."""
    return bool(settings.SITE_URL)


@dataclass(frozen=True, kw_only=True)
class Links:
    """Links of one purpose to one page."""

    salt: str
    """Keeps the links of one purpose from being good for another."""
    page: str
    """The name of the page; its address has the token as its only argument."""

    def maker(self) -> "LinkMaker":
        """Return what makes the addresses of many links."""
        address = f"{settings.SITE_URL}{reverse(self.page, args=[STANDS_FOR_TOKEN])}"
        before, _, after = address.rpartition(STANDS_FOR_TOKEN)
        return LinkMaker(signer=self._signer(), before=before, after=after)

    def address(self, subject: str) -> str:
        """Return the address of the link to `subject`, such as an id."""
        return self.maker().address(subject)

    def read(self, token: str) -> str | None:
        """Return the subject of the link with this `token`; None when we did not make it."""
        try:
            return self._signer().unsign(token)
        except BadSignature:
            return None

    def _signer(self) -> Signer:
        return Signer(salt=self.salt, sep=".")


@dataclass(frozen=True, kw_only=True)
class LinkMaker:
    """Makes addresses without looking anything up for each."""

    signer: Signer
    before: str
    after: str

    def address(self, subject: str) -> str:
        """Return the address of the link to `subject`."""
        return f"{self.before}{self.signer.sign(subject)}{self.after}"
