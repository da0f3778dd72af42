"""What a school's webhooks are told of a mailing."""

from typing import Any

from django.utils import timezone

from emails.models import SuppressionReason
from emails.suppressing import suppress
from jobs.models import School, WebhookDelivery, WebhookEndpoint
from jobs.testing import run_parts
from tests.emails.people import A, B, Sent

UNITS = ("units_total", "units_done", "units_failed", "units_uncertain")


def test_uncertain_and_refused_mails_are_told_apart(sent: Sent, relay: Any, school: School) -> None:
    WebhookEndpoint.objects.create(school=school, url="https://hooks.example/jobs")
    relay.drops_after_dot.add(A)
    relay.refused[B] = "550 5.1.1 no such user"
    sent()
    run_parts(lane="bulk")
    told = WebhookDelivery.objects.get().payload["data"]
    assert [told[name] for name in UNITS] == [3, 1, 1, 1]


def test_who_was_left_out_is_told_apart_from_who_got_it(sent: Sent, relay: Any, school: School) -> None:
    WebhookEndpoint.objects.create(school=school, url="https://hooks.example/jobs")
    suppress(school=school, addresses=[B], reason=SuppressionReason.STAFF, now=timezone.now())
    sent()
    run_parts(lane="bulk")
    told = WebhookDelivery.objects.get().payload["data"]
    assert [told[name] for name in (*UNITS, "units_skipped")] == [3, 2, 0, 0, 1]
