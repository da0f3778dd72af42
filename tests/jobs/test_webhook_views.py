"""The pages of webhooks: for staff of the school alone, with the secret shown once."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries
from standardwebhooks import Webhook, WebhookVerificationError

from jobs import supervision, webhooks
from jobs.models import Job, JobState, Person, Role, School, WebhookDelivery, WebhookEndpoint
from jobs.testing import make_person, make_school, run_parts
from tests.jobs.receivers import Receiver, receiving

pytestmark = pytest.mark.django_db


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    allowed = {"allowed_private_hosts": ["127.0.0.1"]}
    settings.SWITCHYARD = {**settings.SWITCHYARD, "webhooks": allowed}
    with receiving() as running:
        yield running


@pytest.fixture
def person(school: School) -> Person:
    return make_person(school=school)


@pytest.fixture
def staff(client: Client, person: Person) -> Client:
    client.force_login(person)
    return client


@pytest.fixture
def webhook(receiver: Receiver, school: School, person: Person) -> WebhookEndpoint:
    return webhooks.add(school=school, url=receiver.url, by=person)


def test_empty_list_offers_the_first_webhook(staff: Client) -> None:
    assert "Add the first webhook" in staff.get("/webhooks/").content.decode()
    assert "/webhooks/" in staff.get("/jobs/").content.decode()


def test_secret_is_shown_once_after_it_was_added(staff: Client, receiver: Receiver) -> None:
    first = staff.post("/webhooks/new/", {"url": receiver.url}, follow=True)
    secret = WebhookEndpoint.objects.get().secret
    assert secret in first.content.decode()
    assert "no-store" in first["Cache-Control"]
    assert secret not in staff.get(f"/webhooks/{WebhookEndpoint.objects.get().pk}/").content.decode()
    assert secret not in staff.get("/webhooks/").content.decode()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "required"),
        ("http://169.254.169.254/", "private network"),
        ("ftp://x.example/", "begins with https"),
    ],
)
def test_wrong_address_is_said_beside_its_field(staff: Client, url: str, sentence: str) -> None:
    assert sentence in staff.post("/webhooks/new/", {"url": url}).content.decode()
    assert not WebhookEndpoint.objects.exists()


def test_test_message_and_its_answer_are_shown(staff: Client, webhook: WebhookEndpoint) -> None:
    staff.post(f"/webhooks/{webhook.pk}/test/")
    run_parts(lane="webhooks")
    page = staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    assert "Test message" in page
    assert "Delivered" in page


def test_webhook_is_switched_off_and_on(staff: Client, webhook: WebhookEndpoint) -> None:
    staff.post(f"/webhooks/{webhook.pk}/switch/")
    webhook.refresh_from_db()
    assert not webhook.is_enabled
    staff.post(f"/webhooks/{webhook.pk}/switch/", {"on": "on"})
    webhook.refresh_from_db()
    assert webhook.is_enabled


def test_delete_asks_first(staff: Client, webhook: WebhookEndpoint) -> None:
    assert "Delete this webhook?" in staff.get(f"/webhooks/{webhook.pk}/delete/").content.decode()
    assert WebhookEndpoint.objects.exists()
    staff.post(f"/webhooks/{webhook.pk}/delete/")
    assert not WebhookEndpoint.objects.exists()


def test_message_that_was_given_up_is_tried_again(
    staff: Client, webhook: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.replies = [410, 200]
    staff.post(f"/webhooks/{webhook.pk}/test/")
    run_parts(lane="webhooks")
    page = staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    assert "Not delivered" in page
    assert "Try now" not in page
    refused = staff.post(f"/webhooks/messages/{WebhookDelivery.objects.get().pk}/retry/", follow=True)
    assert "Switch the webhook on first" in refused.content.decode()
    webhooks.switch(webhook, on=True)
    assert "Try now" in staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    message = WebhookDelivery.objects.get()
    staff.post(f"/webhooks/messages/{message.pk}/retry/")
    run_parts(lane="webhooks")
    assert Job.objects.get().state == JobState.DONE
    again = staff.post(f"/webhooks/messages/{message.pk}/retry/", follow=True)
    assert "delivered already" in again.content.decode()


def test_message_that_waits_for_its_next_attempt_is_tried_at_once(
    staff: Client, webhook: WebhookEndpoint, receiver: Receiver
) -> None:
    receiver.replies = [500, 200]
    staff.post(f"/webhooks/{webhook.pk}/test/")
    run_parts(lane="webhooks")
    page = staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    assert "Next attempt at" in page
    assert "It answered 500" in page
    assert "Try now" in page
    staff.post(f"/webhooks/messages/{WebhookDelivery.objects.get().pk}/retry/")
    supervision.wake_delayed(now=timezone.now())
    run_parts(lane="webhooks")
    page = staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    assert "2 attempts" in page
    assert "Delivered" in page
    assert "It answered 500" not in page


def test_messages_refresh_themselves_until_all_have_ended(
    staff: Client, webhook: WebhookEndpoint, receiver: Receiver
) -> None:
    staff.post(f"/webhooks/{webhook.pk}/test/")
    messages = f"/webhooks/{webhook.pk}/messages/"
    assert f'hx-get="{messages}"' in staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    assert "On its way" in staff.get(messages).content.decode()
    run_parts(lane="webhooks")
    assert "hx-get" not in staff.get(messages).content.decode()


def test_new_secret_is_shown_once_and_the_old_one_signs_beside_it(
    staff: Client, webhook: WebhookEndpoint, receiver: Receiver
) -> None:
    assert "Make a new secret?" in staff.get(f"/webhooks/{webhook.pk}/secret/").content.decode()
    page = staff.post(f"/webhooks/{webhook.pk}/secret/", {"old": "overlap"}, follow=True).content.decode()
    old, renewed = webhook.secret, WebhookEndpoint.objects.get().secret
    assert renewed != old
    assert renewed in page
    assert old not in page
    assert "the old secret signs too" in page
    assert renewed not in staff.get(f"/webhooks/{webhook.pk}/").content.decode()
    staff.post(f"/webhooks/{webhook.pk}/test/")
    run_parts(lane="webhooks")
    [(headers, body)] = receiver.got
    for secret in (old, renewed):
        assert Webhook(secret).verify(body, headers)["type"] == "webhook.test"


def test_old_secret_is_forgotten_by_a_click(
    staff: Client, webhook: WebhookEndpoint, receiver: Receiver
) -> None:
    staff.post(f"/webhooks/{webhook.pk}/secret/", {"old": "overlap"})
    refused = staff.post(f"/webhooks/{webhook.pk}/secret/", {"old": "overlap"})
    assert refused.status_code == 422
    assert "still signs" in refused.content.decode()
    staff.post(f"/webhooks/{webhook.pk}/secret/forget/")
    staff.post(f"/webhooks/{webhook.pk}/test/")
    run_parts(lane="webhooks")
    [(headers, body)] = receiver.got
    with pytest.raises(WebhookVerificationError):
        Webhook(webhook.secret).verify(body, headers)


@pytest.mark.parametrize(
    "page", ["", "messages/", "test/", "switch/", "delete/", "secret/", "secret/forget/"]
)
def test_webhook_of_another_school_is_not_found(client: Client, webhook: WebhookEndpoint, page: str) -> None:
    client.force_login(make_person(school=make_school()))
    address = f"/webhooks/{webhook.pk}/{page}"
    ask = client.get if page in {"", "messages/"} else client.post
    assert ask(address, {"old": "at-once"}).status_code == 404
    assert WebhookEndpoint.objects.get() == webhook
    assert WebhookEndpoint.objects.filter(secret=webhook.secret, is_enabled=True).exists()


def test_message_of_another_school_is_not_found(
    client: Client, webhook: WebhookEndpoint, person: Person
) -> None:
    message = webhooks.send_test(webhook, by=person)
    client.force_login(make_person(school=make_school()))
    assert client.post(f"/webhooks/messages/{message.pk}/retry/").status_code == 404
    assert webhook.url not in client.get("/webhooks/").content.decode()


def test_operations_have_no_webhooks(client: Client) -> None:
    client.force_login(make_person(role=Role.OPS))
    assert client.get("/webhooks/").status_code == 403


def test_pages_cost_few_queries(
    staff: Client,
    webhook: WebhookEndpoint,
    receiver: Receiver,
    person: Person,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(3):
        webhooks.add(school=webhook.school, url=f"{receiver.url}&{number}", by=person)
        webhooks.send_test(webhook, by=person)
    with django_assert_max_num_queries(4):
        staff.get("/webhooks/")
    with django_assert_max_num_queries(5):
        staff.get(f"/webhooks/{webhook.pk}/")
