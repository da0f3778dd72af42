"""Between the password and the code: who is half signed in, kept in the session until the code comes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from emails import codes
from jobs.models import Person

SESSION_KEY = "confirming"
STAYS_OPEN = timedelta(hours=1)
AGAIN_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class HalfSignedIn:
    """A person whose password was right and whose code is still to come."""

    person: Person
    asked_at: datetime
    """When the newest code was asked for."""
    next_address: str

    def seconds_until_again(self, *, now: datetime) -> int:
        """Return how long to wait before another code may be asked for; 0 when it may be now."""
        return max(0, round((self.asked_at + AGAIN_AFTER - now).total_seconds()))

    @property
    def masked_email(self) -> str:
        """The address with only its first letter and its domain: s…@northfield.example."""
        name, _, domain = self.person.email.partition("@")
        return f"{name[:1]}…@{domain}"


def begin(request: HttpRequest, *, person: Person, next_address: str, now: datetime) -> None:
    """Keep `person` in the session as half signed in, and send a code unless one was sent a moment ago."""
    waiting = current(request, now=now)
    is_fresh = waiting is not None and waiting.person == person and waiting.seconds_until_again(now=now) > 0
    asked_at = waiting.asked_at if waiting and is_fresh else now
    if not is_fresh:
        codes.request_code(person=person, now=now)
    _keep(request, person=person, asked_at=asked_at, next_address=next_address)


def current(request: HttpRequest, *, now: datetime) -> HalfSignedIn | None:
    """Return who is half signed in here, if anyone, within the hour."""
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    asked_at = datetime.fromisoformat(kept["asked_at"])
    person = Person.objects.filter(pk=kept["person"], is_active=True).first()
    if person is None or asked_at + STAYS_OPEN < now:
        return None
    return HalfSignedIn(person=person, asked_at=asked_at, next_address=kept["next"])


def send_again(request: HttpRequest, *, waiting: HalfSignedIn, now: datetime) -> int:
    """Send another code and return 0, or the seconds to wait when the last one is too fresh."""
    if seconds := waiting.seconds_until_again(now=now):
        return seconds
    codes.request_code(person=waiting.person, now=now)
    _keep(request, person=waiting.person, asked_at=now, next_address=waiting.next_address)
    return 0


def forget(request: HttpRequest) -> None:
    """Let nobody be half signed in here."""
    request.session.pop(SESSION_KEY, None)


def safe_address(request: HttpRequest, *, wanted: str, otherwise: str) -> str:
    """Return `wanted` if it is an address of this site, else `otherwise`."""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise


def _keep(request: HttpRequest, *, person: Person, asked_at: datetime, next_address: str) -> None:
    request.session[SESSION_KEY] = {
        "person": person.pk,
        "asked_at": asked_at.isoformat(),
        "next": next_address,
    }
