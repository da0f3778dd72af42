"""The kinds of job of this app: codes, mailings, test mails."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy, gettext_noop

from emails import (
    codes,
    delivering,
    ledger,
    login_news,
    noting,
    outcomes,
    password_links,
    pruning,
    queries,
    reviving,
    status_mails,
)
from emails.forms import ResendForm
from emails.programs import MailingArguments, request_mailing
from jobs.arguments import Arguments
from jobs.asking import Asked, Id
from jobs.models import Job, Part, Person
from jobs.registry import Kind, register
from jobs.retries import RetryPolicy
from jobs.units import Units
from jobs.verbs import PartPlan, WorkingPart


class CodeWanted(Arguments):
    """The code that a page asked for."""

    code: Id


class StatusNews(Arguments):
    """Who is told, and of which update; without one they are asked whether they want to be told."""

    subscriber: Id
    update: Id | None = None


class MailingWritten(Arguments):
    """The mailing as staff wrote it."""

    mailing: Id


class TestWanted(MailingWritten):
    """The mailing as staff wrote it, and whose values fill it in: its first student's if none is told."""

    student: Id | None = None


@register("emails.code")
class SendCode(Kind):
    """Makes and sends one verification code."""

    label = gettext_lazy("Sign-in code")
    unit = "codes"
    arguments = CodeWanted
    service = ledger.RELAY
    time_limit_seconds: ClassVar[float] = 60
    # A relay that puts a stranger off (greylisting) may take the mail while the person still waits.
    retry: ClassVar[RetryPolicy] = RetryPolicy(
        attempts=6, first_seconds=1, cap_seconds=30, lasting_seconds=codes.LIFETIME.total_seconds()
    )
    is_on_home = False
    is_announced = False
    panel_template = "emails/code_panel.html"

    def work(self, part: WorkingPart) -> None:
        """Send the code that the arguments name by id."""
        codes.send_code(code_id=part.arguments["code"])

    def discard(self, job: Job) -> None:
        """Note that the code was not sent."""
        codes.give_up(code_id=job.arguments["code"])

    def prune(self, job: Job, *, most: int) -> int:  # noqa: ARG002 - there is one
        """Delete the code."""
        return pruning.prune_code(job)


class LinkWanted(Arguments):
    """The link that a page asked for."""

    link: Id


class LoginMail(Kind):
    """A mail to one person about how they sign in; its job is on nobody's home."""

    service = ledger.RELAY
    time_limit_seconds: ClassVar[float] = 60
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=9, first_seconds=5, cap_seconds=900)
    # Routes that were saved before these kinds know no rule for them.
    is_routed = False
    # Of an address that was typed nobody knows the school before, and people of the platform have none.
    looks_at_all_schools = True
    is_on_home = False
    is_announced = False


@register("emails.password_link")
class SendPasswordLink(LoginMail):
    """Makes and sends one link to set a password: an invitation, or for a password that was forgotten."""

    label = gettext_lazy("Password link")
    unit = "links"
    arguments = LinkWanted

    def work(self, part: WorkingPart) -> None:
        """Send the link that the arguments name by id."""
        password_links.send_link(link_id=part.arguments["link"], now=timezone.now())

    def prune(self, job: Job, *, most: int) -> int:  # noqa: ARG002 - there is one
        """Delete the link."""
        return pruning.prune_password_link(job)


class LoginChanged(Arguments):
    """What was noted of it."""

    event: Id


@register(login_news.KIND)
class TellOfLogin(LoginMail):
    """Tells a person by mail that their password, or their second step of signing in, was changed."""

    label = login_news.TITLE
    unit = "mails"
    arguments = LoginChanged

    def work(self, part: WorkingPart) -> None:
        """Send the mail."""
        login_news.send(event_id=part.arguments["event"])


@register("emails.mailing")
class SendMailing(Kind):
    """Sends one text to many students, each with their own values."""

    label = gettext_lazy("Mailing")
    unit = "mails"
    arguments = MailingWritten
    service = ledger.RELAY
    sizes: ClassVar[Mapping[str, str]] = {
        "recipients": gettext_noop("students"),
        "bytes": gettext_noop("bytes attached to each mail"),
        "own_files": gettext_noop("students with files of their own"),
    }
    # 200 mails at a relay that takes ten seconds for each: slow, but not hung.
    time_limit_seconds: ClassVar[float] = 2000
    # A relay that puts a stranger off (greylisting) takes the mail after some minutes.
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=9, first_seconds=5, cap_seconds=900)
    left = gettext_lazy("not sent")
    goes_on = True
    skips = True
    panel_template = "emails/panel.html"
    figures_template = "emails/figures.html"
    api_arguments = MailingArguments

    def total_bytes(self, sizes: Mapping[str, int]) -> int:
        """Return the attached bytes of all mails."""
        return sizes.get("recipients", 0) * sizes.get("bytes", 0)

    def request(self, asked: Asked) -> Job:
        """Send the draft that the arguments name."""
        return request_mailing(asked)

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Write the ledger and cut it into parts."""
        mailing = delivering.mailing_of(job)
        ledger.write_ledger(mailing)
        return ledger.plans(mailing)

    def cut_anew(self, job: Job, parts: Sequence[Part]) -> Sequence[PartPlan]:
        """Put recipients together that a limit had cut into small parts."""
        return ledger.cut_anew(delivering.mailing_of(job), parts)

    def work(self, part: WorkingPart) -> None:
        """Hand over the mails of one part."""
        delivering.deliver(part)

    def can_revive(self, job: Job) -> bool:
        """Say whether recipients were refused, or uncertain ones shall be sent to again."""
        return reviving.revivable(delivering.mailing_of(job)).exists()

    def revive(self, job: Job) -> Iterable[PartPlan]:
        """Let those recipients wait again, and return parts for them."""
        return reviving.revive(delivering.mailing_of(job), job=job)

    def allow_uncertain(self, job: Job, *, by: Person | None, program: str = "") -> None:
        """Choose for `by` what the job's page offers to choose."""
        mailing = delivering.mailing_of(job)
        reviving.decide(mailing=mailing, by=by, program=program, resend_uncertain=True)

    def done_before(self, job: Job, parts: Sequence[Part]) -> Mapping[int, int]:
        """Return how many mails of each part the relay has taken."""
        return reviving.done_before(delivering.mailing_of(job), parts)

    def prune(self, job: Job, *, most: int) -> int:
        """Delete recipients, and at last the mailing with its attachments."""
        return pruning.prune_mailing(job, most=most)

    def prune_leftovers(self, *, now: datetime, most: int) -> int:
        """Delete files of pruned mailings whose links work no more."""
        return pruning.prune_links(now=now, most=most)

    def counted(self, reported: Mapping[Job, Units], *, at_work: Container[int]) -> Mapping[int, Units]:
        """Return what the ledgers say of the mails."""
        return queries.units_of(reported, at_work=at_work)

    def first_reasons(self, jobs: Sequence[Job]) -> Mapping[int, str]:
        """Return what the relay said about the first mail with a problem, without the address."""
        return queries.first_reasons(jobs)

    def remarks(self, *, now: datetime) -> Sequence[str]:
        """Return what the relay offers, as far as workers heard it lately."""
        offer = noting.offer_of_relay(now=now)
        return [noting.in_words(offer)] if offer else []

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the mailing, its counts and its problems, and what shall be done about uncertain ones."""
        sent = outcomes.sent_mailing(job, now=timezone.now())
        return {"job": job, "sent": sent, "resend": ResendForm(instance=sent.mailing)}


@register("emails.test")
class SendTest(Kind):
    """Sends one mail of a mailing to the person who writes it."""

    label = gettext_lazy("Test mail")
    is_told = False
    unit = "mails"
    arguments = TestWanted
    service = ledger.RELAY
    time_limit_seconds: ClassVar[float] = 120
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=5, first_seconds=2, cap_seconds=60)
    panel_template = "emails/test_panel.html"

    def work(self, part: WorkingPart) -> None:
        """Send the mail."""
        delivering.deliver_test(part.job)

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the mailing that is tested, None when it is gone, and the student whose values it had."""
        mailing = queries.tested_mailing(job)
        return {"job": job, "mailing": mailing, "student": delivering.example_student(job)}


@register("emails.status")
class SendStatusMail(Kind):
    """Tells somebody by mail who subscribed to the status page."""

    label = gettext_lazy("Status mail")
    unit = "mails"
    arguments = StatusNews
    service = ledger.RELAY
    time_limit_seconds: ClassVar[float] = 120
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=6, first_seconds=5, cap_seconds=900)
    is_on_home = False
    is_announced = False
    is_routed = False
    carries: ClassVar[str] = "mail"
    goes_like: ClassVar[str] = "emails.test"

    def work(self, part: WorkingPart) -> None:
        """Send the mail."""
        news = part.arguments
        status_mails.send(subscriber_id=news["subscriber"], update_id=news.get("update"))
