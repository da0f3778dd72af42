"""Asking the DNS for text records: for two seconds in all, and answers are kept for ten minutes."""

from time import monotonic

from django.core.cache import cache
from dns.exception import DNSException
from dns.resolver import NXDOMAIN, Resolver

MOST_SECONDS = 2.0
"""All questions of one look have so long together."""
KEPT_SECONDS = 600
"""Answers, and that there was none, are kept for so long in Django's cache."""


class CannotAsk(Exception):
    """The DNS did not answer in time, or not as it should."""


def resolver() -> Resolver:
    """Return who is asked: the servers that this machine asks. Tests put one of their own here."""
    return Resolver()


class Texts:
    """The text records of some names, for one look at them."""

    def __init__(self) -> None:
        """Begin the time that all questions have together."""
        self._until = monotonic() + MOST_SECONDS

    def at(self, name: str) -> list[str]:
        """Return the text records of `name`; none when there is no such name.

        Raises:
            CannotAsk: nobody could tell, now or some minutes ago.
        """
        key = f"emails.texts.{name}"
        kept: tuple[list[str] | None] | None = cache.get(key)
        if kept is None:
            kept = (self._ask(name),)
            cache.set(key, kept, KEPT_SECONDS)
        [texts] = kept
        if texts is None:
            raise CannotAsk(name)
        return texts

    def _ask(self, name: str) -> list[str] | None:
        """Return what the DNS says; None when it does not in what is left of the time."""
        left = self._until - monotonic()
        if left <= 0:
            raise CannotAsk(name)
        try:
            answer = resolver().resolve(name, "TXT", search=False, lifetime=left, raise_on_no_answer=False)
        except NXDOMAIN:
            return []
        except DNSException:
            return None
        return [b"".join(record.strings).decode("ascii", "replace") for record in answer]
