"""The kinds of job of this app: codes, mailings, test mails."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from emails import codes, delivering, ledger, queries
from jobs.models import Job
from jobs.registry import Kind, PartPlan, WorkingPart, register
from jobs.retries import RetryPolicy


@register("emails.code")
class SendCode(Kind):
    """Makes and sends one verification code."""

    label = "Sign-in code"
    unit = "codes"
    time_limit_seconds: ClassVar[float] = 60
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=6, first_seconds=1, cap_seconds=15)
    is_on_home = False
    panel_template = "emails/code_panel.html"

    def work(self, part: WorkingPart) -> None:
        """Send the code that the arguments name by id."""
        codes.send_code(code_id=part.arguments["code"])


@register("emails.mailing")
class SendMailing(Kind):
    """Sends one text to many students, each with their own values."""

    label = "Mailing"
    unit = "mails"
    # 200 mails at a relay that takes ten seconds for each: slow, but not hung.
    time_limit_seconds: ClassVar[float] = 2000
    # A relay that puts a stranger off (greylisting) takes the mail after some minutes.
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=9, first_seconds=5, cap_seconds=900)
    panel_template = "emails/panel.html"

    def plan(self, job: Job) -> Iterable[PartPlan]:
        """Write the ledger and cut it into parts."""
        mailing = delivering.mailing_of(job)
        ledger.write_ledger(mailing)
        return ledger.plans(mailing)

    def work(self, part: WorkingPart) -> None:
        """Hand over the mails of one part."""
        delivering.deliver(part)

    def first_reasons(self, jobs: Sequence[Job]) -> Mapping[int, str]:
        """Return what the relay said about the first mail with a problem, without the address."""
        return queries.first_reasons(jobs)

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the mailing, its counts and its problems."""
        return {"job": job, "sent": queries.sent_mailing(job)}


@register("emails.test")
class SendTest(Kind):
    """Sends one mail of a mailing to the person who writes it."""

    label = "Test mail"
    unit = "mails"
    time_limit_seconds: ClassVar[float] = 120
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=5, first_seconds=2, cap_seconds=60)
    panel_template = "emails/test_panel.html"

    def work(self, part: WorkingPart) -> None:
        """Send the mail."""
        delivering.deliver_test(part.job)

    def panel(self, job: Job) -> Mapping[str, Any]:
        """Return the mailing that is tested."""
        return {"job": job, "mailing": delivering.mailing_of(job)}
