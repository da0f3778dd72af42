"""The core's own kinds of job: webhooks, mails about jobs, changes of many jobs, and canaries."""

from collections.abc import Iterator
from typing import ClassVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import bulk, bulk_orders, canaries, delivering, notification_mails, notifying
from jobs.arguments import Arguments
from jobs.asking import Id
from jobs.letters import SERVICE
from jobs.models import Job
from jobs.registry import Kind, register
from jobs.retries import RetryPolicy
from jobs.status import hooking
from jobs.verbs import PartPlan, WorkingPart


class StatusNews(Arguments):
    """Who is told, and of which update; without one it is asked whether it wants to be told."""

    subscriber: Id
    update: Id | None = None


class WebhookMessage(Arguments):
    """The message."""

    delivery: Id


@register("webhooks.deliver")
class DeliverWebhook(Kind):
    """Delivers one message to a webhook of a school."""

    label = _("Webhook message")
    unit = "messages"
    arguments = WebhookMessage
    # A call is ended after 13 seconds; only a resolver that hangs takes longer.
    time_limit_seconds: ClassVar[float] = 15
    # Over half a day: a receiver that is mended in the morning still gets what it missed at night.
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=14, first_seconds=5, cap_seconds=21_600)
    is_on_home = False
    is_announced = False

    def work(self, part: WorkingPart) -> None:
        """Deliver the message that the arguments name by id."""
        delivering.deliver(delivery_id=part.arguments["delivery"])


@register("webhooks.status")
class TellWebhook(Kind):
    """Tells a webhook that subscribed to the status page."""

    label = _("Status message")
    unit = "messages"
    arguments = StatusNews
    time_limit_seconds: ClassVar[float] = 15
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=8, first_seconds=5, cap_seconds=1800)
    is_on_home = False
    is_announced = False
    is_routed = False
    carries: ClassVar[str] = "webhook"
    goes_like: ClassVar[str] = "webhooks.deliver"

    def work(self, part: WorkingPart) -> None:
        """Tell it of the update."""
        news = part.arguments
        hooking.deliver(subscriber_id=news["subscriber"], update_id=news.get("update"))


class PersonTold(Arguments):
    """What the person is told."""

    notification: Id


@register(notifying.TELL)
class TellPerson(Kind):
    """Tells a person by mail that a job of theirs ended, or what a colleague asks."""

    label = _("Mail about a job")
    unit = "mails"
    arguments = PersonTold
    service = SERVICE
    time_limit_seconds: ClassVar[float] = 120
    is_routed = False
    is_on_home = False
    is_announced = False

    def work(self, part: WorkingPart) -> None:
        """Send the mail.

        Raises:
            TemporaryFailure: the relay could not take it now.
            PermanentFailure: it was refused, or may have arrived.
        """
        notification_mails.send(part.arguments["notification"], now=timezone.now())
        part.report(done=1)

    def is_beyond_retry(self, job: Job) -> bool:
        """Say whether the mail was begun: it may have arrived."""
        return notification_mails.is_begun(job.arguments["notification"])


class ManyJobs(Arguments):
    """Which change of many jobs it is."""

    change: Id


@register(bulk.KIND)
class ChangeMany(Kind):
    """Does to many jobs what a person of operations chose: stops them, tries them again, moves them."""

    label = _("Change of many jobs")
    unit = "jobs"
    arguments = ManyJobs
    time_limit_seconds: ClassVar[float] = 60
    is_routed = False
    is_announced = False
    looks_at_all_schools: ClassVar[bool] = True
    no_result = _("Not all jobs were changed.")

    def plan(self, job: Job) -> Iterator[PartPlan]:
        """Cut the jobs that were chosen into short parts."""
        return bulk_orders.plan(job.arguments["change"])

    def work(self, part: WorkingPart) -> None:
        """Change the jobs of the part."""
        bulk_orders.work(part)


@register(canaries.KIND)
class Canary(Kind):
    """Does nothing, and notes how long it waited for that."""

    label = _("Canary")
    unit = "canaries"
    time_limit_seconds: ClassVar[float] = 30
    is_routed = False
    is_on_home = False
    is_announced = False

    def work(self, part: WorkingPart) -> None:
        """Note the wait."""
        canaries.arrive(part.job, now=timezone.now())
