"""Between the password and the code: who is half signed in, kept in the session until the code comes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from emails import codes
from emails.code_limits import TooSoon
from emails.models import Code
from jobs import standings
from jobs.amounts import count
from jobs.clients import client_address, network_of
from jobs.models import Job, JobState, PartState, Person

SESSION_KEY = "confirming"
STAYS_OPEN = timedelta(hours=1)
SLOW_AFTER = timedelta(seconds=5)
LONG_AFTER = timedelta(minutes=1)
"""By then the pauses between attempts are long, and a new code, which is tried at once, may be sooner."""


@dataclass(frozen=True, kw_only=True)
class HalfSignedIn:
    """A person whose password was right and whose code is still to come."""

    person: Person
    asked_at: datetime
    """When the newest code was asked for."""
    job_id: int
    """The job that sends it."""
    next_address: str

    @property
    def masked_email(self) -> str:
        """The address with only its first letter and its domain: s…@northfield.example."""
        name, _, domain = self.person.email.partition("@")
        return f"{name[:1]}…@{domain}"


@dataclass(frozen=True, kw_only=True)
class CodeMail:
    """Where the mail with the newest code stands."""

    sent_at: datetime | None
    """When the mail server accepted it."""
    progress: str
    """What happens to it now, or why it waits; one thing, in words for the person."""
    error: str
    """Why it could not be sent; a sentence, empty while it still may be."""

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.sent_at is not None or bool(self.error)


def begin(request: HttpRequest, *, person: Person, next_address: str, now: datetime) -> None:
    """Keep `person` in the session as half signed in, and send a code unless one was sent a moment ago.

    Raises:
        TooManyCodes: no code may be asked for now; a sentence says for how long.
    """
    try:
        _ask(request, person=person, next_address=next_address, now=now)
    except TooSoon:
        code, job = codes.newest_request(person)
        waiting = HalfSignedIn(
            person=person, asked_at=code.requested_at, job_id=job.pk, next_address=next_address
        )
        _keep(request, waiting)


def current(request: HttpRequest, *, now: datetime) -> HalfSignedIn | None:
    """Return who is half signed in here, if anyone, within the hour."""
    kept = request.session.get(SESSION_KEY)
    if not kept:
        return None
    asked_at = datetime.fromisoformat(kept["asked_at"])
    person = Person.objects.filter(pk=kept["person"], is_active=True).first()
    if person is None or not person.is_let_in or asked_at + STAYS_OPEN < now:
        return None
    return HalfSignedIn(person=person, asked_at=asked_at, job_id=kept["job"], next_address=kept["next"])


def send_again(request: HttpRequest, *, waiting: HalfSignedIn, now: datetime) -> None:
    """Send another code.

    Raises:
        TooManyCodes: the last one is too fresh, or there were too many; a sentence says for how long.
    """
    _ask(request, person=waiting.person, next_address=waiting.next_address, now=now)


def code_mail(waiting: HalfSignedIn, *, now: datetime) -> CodeMail:
    """Return where the newest code's mail stands."""
    job = Job.objects.get(pk=waiting.job_id)
    progress = _progress(job, now=now)
    # Read last: a mail that was handed over meanwhile is not told to wait.
    code = Code.objects.filter(person=waiting.person).first()
    return CodeMail(
        sent_at=code.sent_at if code else None,
        progress=progress,
        error=(job.error or gettext("It could not be sent.")) if job.state == JobState.FAILED else "",
    )


def _progress(job: Job, *, now: datetime) -> str:
    reason = standings.standing_of(job, now=now).reason
    part = job.parts.order_by("-id").first()
    if part is None or part.ended_at is not None:
        return gettext("The mail with your code is on its way.")
    if part.state == PartState.WORKING:
        is_slow = part.claimed_at is not None and now - part.claimed_at > SLOW_AFTER
        if is_slow:
            return gettext(
                "The mail with your code is being handed to the mail server. The mail server takes its time."
            )
        return gettext("The mail with your code is being handed to the mail server.")
    if part.ready_at > now:
        seconds = max(1, round((part.ready_at - now).total_seconds()))
        is_long = now - job.created_at > LONG_AFTER
        if is_long:
            words = gettext(
                "The mail server has not taken the mail with your code yet. It is tried again in {seconds}. "
                "A click on “Send a new code” may help."
            )
        else:
            words = gettext(
                "The mail server has not taken the mail with your code yet. It is tried again in {seconds}."
            )
        return words.format(seconds=count(seconds, "second"))
    return gettext("The mail with your code is waiting its turn. {reason}").format(reason=reason)


def forget(request: HttpRequest) -> None:
    """Let nobody be half signed in here."""
    request.session.pop(SESSION_KEY, None)


def safe_address(request: HttpRequest, *, wanted: str, otherwise: str) -> str:
    """Return `wanted` if it is an address of this site, else `otherwise`."""
    # What has no stroke would be taken for the name of a page.
    is_ours = "/" in wanted and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise


def _ask(request: HttpRequest, *, person: Person, next_address: str, now: datetime) -> None:
    network = network_of(client_address(request))
    job = codes.request_code(person=person, now=now, network=network)
    _keep(request, HalfSignedIn(person=person, asked_at=now, job_id=job.pk, next_address=next_address))


def _keep(request: HttpRequest, waiting: HalfSignedIn) -> None:
    request.session[SESSION_KEY] = {
        "person": waiting.person.pk,
        "asked_at": waiting.asked_at.isoformat(),
        "job": waiting.job_id,
        "next": waiting.next_address,
    }
