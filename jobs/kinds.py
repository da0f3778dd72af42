"""The core's own kind of job: webhooks."""

from typing import ClassVar

from jobs import delivering
from jobs.registry import Kind, WorkingPart, register
from jobs.retries import RetryPolicy


@register("webhooks.deliver")
class DeliverWebhook(Kind):
    """Delivers one message to a webhook of a school."""

    label = "Webhook message"
    unit = "messages"
    # A call is ended after 13 seconds; only a resolver that hangs takes longer.
    time_limit_seconds: ClassVar[float] = 15
    # Over half a day: a receiver that is mended in the morning still gets what it missed at night.
    retry: ClassVar[RetryPolicy] = RetryPolicy(attempts=14, first_seconds=5, cap_seconds=21_600)
    is_on_home = False
    is_announced = False

    def work(self, part: WorkingPart) -> None:
        """Deliver the message that the arguments name by id."""
        delivering.deliver(delivery_id=part.arguments["delivery"])
