"""Secrets of webhooks: renewed with an overlap, or at once when one has leaked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import pruning, webhooks
from jobs.delivering import signed
from jobs.models import School, WebhookDelivery, WebhookEndpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(school: School) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(school=school, url="https://hooks.example/")


def test_old_secret_signs_for_a_day_and_is_then_forgotten(endpoint: WebhookEndpoint) -> None:
    old, now = endpoint.secret, timezone.now()
    webhooks.renew_secret(endpoint, keep_old=True, now=now)
    endpoint.refresh_from_db()
    message = WebhookDelivery(endpoint=endpoint, payload={})
    in_time, late = now + timedelta(hours=23, minutes=59), now + timedelta(hours=24)
    assert endpoint.secrets_at(in_time) == [endpoint.secret, old]
    assert len(signed(message, now=in_time)[1]["webhook-signature"].split(" ")) == 2
    assert len(signed(message, now=late)[1]["webhook-signature"].split(" ")) == 1
    pruning.prune(now=in_time)
    endpoint.refresh_from_db()
    assert endpoint.old_secret == old
    pruning.prune(now=late)
    endpoint.refresh_from_db()
    assert (endpoint.old_secret, endpoint.old_secret_until) == ("", None)


def test_leaked_secret_signs_no_more_at_once(endpoint: WebhookEndpoint) -> None:
    old, now = endpoint.secret, timezone.now()
    webhooks.renew_secret(endpoint, keep_old=True, now=now)
    endpoint.refresh_from_db()
    webhooks.renew_secret(endpoint, keep_old=False, now=now)
    endpoint.refresh_from_db()
    assert endpoint.secrets_at(now) == [endpoint.secret]
    assert endpoint.secret != old


def test_secret_that_somebody_else_renewed_is_not_renewed_again(endpoint: WebhookEndpoint) -> None:
    seen_before = WebhookEndpoint.objects.get()
    webhooks.renew_secret(endpoint, keep_old=False, now=timezone.now())
    renewed = WebhookEndpoint.objects.get().secret
    with pytest.raises(webhooks.CannotRenew, match="Somebody else"):
        webhooks.renew_secret(seen_before, keep_old=False, now=timezone.now())
    assert WebhookEndpoint.objects.get().secret == renewed
