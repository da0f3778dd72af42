"""The pages of webhooks: for staff of the school alone, with the secret shown once."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from jobs import webhooks
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
    assert "Try again" in page
    webhooks.switch(webhook, on=True)
    message = WebhookDelivery.objects.get()
    staff.post(f"/webhooks/messages/{message.pk}/retry/")
    run_parts(lane="webhooks")
    assert Job.objects.get().state == JobState.DONE
    again = staff.post(f"/webhooks/messages/{message.pk}/retry/", follow=True)
    assert "delivered already" in again.content.decode()


@pytest.mark.parametrize("page", ["", "test/", "switch/", "delete/"])
def test_webhook_of_another_school_is_not_found(client: Client, webhook: WebhookEndpoint, page: str) -> None:
    client.force_login(make_person(school=make_school()))
    address = f"/webhooks/{webhook.pk}/{page}"
    assert (client.post if page else client.get)(address).status_code == 404
    webhook.refresh_from_db()
    assert webhook.is_enabled


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
