"""What relays offer is known to pages, and no mail waits for that."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from emails.models import Recipient, RelayOffer
from emails.noting import AGAIN, BELIEVED, Notes, in_words, notes, offer_of_relay
from emails.smtp.offers import Offer
from emails.smtp.routes import Route
from emails.visiting import visit_relay
from jobs import publishing
from jobs.models import Role
from jobs.settings import switchyard
from jobs.tallying import Tallying
from jobs.testing import make_person, run_parts, wait_until
from tests.emails.people import Sent

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 3, 10, 42, tzinfo=UTC)
SMALL = Offer(most_bytes=10_240_000, starttls=True, chunking=True, utf8=True)
LARGE = Offer(most_bytes=26_214_400, starttls=True, chunking=True, utf8=True)
ROUTE = Route(host="relay.example", port=25, local_name="tests.example")


def hear(heard: Notes, offer: Offer = SMALL, *, after: timedelta = timedelta()) -> RelayOffer:
    """Let a process hear this and write it, and return what is known then."""
    heard.hear(offer, route=ROUTE, now=NOW + after)
    heard.write()
    return RelayOffer.objects.get()


def test_what_a_relay_offers_is_noted(steps: Any, settings: Settings) -> None:
    steps.extensions = ["SIZE 20000000", "CHUNKING", "STARTTLS", "PIPELINING"]
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", steps.port
    with visit_relay(use="tests") as ours:
        ours.connect()
    assert not RelayOffer.objects.exists()
    notes.write()
    found = offer_of_relay(now=timezone.now())
    assert found is not None
    assert (found.host, found.port, found.most_bytes) == ("127.0.0.1", steps.port, 20_000_000)
    assert (found.starttls, found.chunking, found.utf8) == (True, True, False)


def test_same_offer_is_written_again_after_five_minutes_only(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    heard = Notes()
    hear(heard)
    for _ in range(50):
        heard.hear(SMALL, route=ROUTE, now=NOW + AGAIN - timedelta(seconds=1))
    with django_assert_num_queries(0):
        heard.write()
    assert hear(heard, after=AGAIN).told_at == NOW + AGAIN


def test_other_offer_is_written_at_once() -> None:
    heard = Notes()
    hear(heard)
    known = hear(heard, LARGE, after=timedelta(seconds=1))
    assert (known.most_bytes, known.told_at) == (LARGE.most_bytes, NOW + timedelta(seconds=1))


def test_of_many_processes_that_connect_at_once_one_writes() -> None:
    hear(Notes())
    for number in range(1, 20):
        assert hear(Notes(), after=timedelta(seconds=number)).told_at == NOW


def test_what_was_heard_earlier_replaces_nothing_newer() -> None:
    hear(Notes(), LARGE)
    assert hear(Notes(), SMALL, after=-timedelta(hours=1)).most_bytes == LARGE.most_bytes


def test_what_the_database_does_not_take_is_written_later() -> None:
    heard = Notes()
    heard.hear(SMALL, route=ROUTE, now=NOW)
    with mock.patch.object(connection, "cursor", side_effect=OperationalError("It restarts.")):
        heard.write()
    heard.write()
    assert RelayOffer.objects.get().most_bytes == SMALL.most_bytes


def test_mailing_goes_without_asking_the_table(sent: Sent, relay: Any) -> None:
    sent()
    with mock.patch("emails.noting._note", side_effect=AssertionError("A mail waits for this.")):
        run_parts(lane="bulk")
    assert set(Recipient.objects.values_list("state", flat=True)) == {"accepted"}
    notes.write()
    assert RelayOffer.objects.get().most_bytes == 33_554_432


def test_size_that_no_number_holds_breaks_nothing() -> None:
    assert hear(Notes(), replace(SMALL, most_bytes=10**30)).most_bytes == 2**63 - 1


def test_what_nobody_heard_for_a_day_holds_no_more(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = ROUTE.host, ROUTE.port
    hear(Notes())
    assert offer_of_relay(now=NOW + BELIEVED - timedelta(seconds=1)) is not None
    assert offer_of_relay(now=NOW + BELIEVED) is None
    settings.EMAIL_PORT = 587
    assert offer_of_relay(now=NOW) is None


@pytest.mark.parametrize(
    ("mail", "offered", "says"),
    [
        ({}, {}, "takes mails up to 9.8 MB, without TLS, which it offers, as it said on 3 Nov, 10:42."),
        (
            {"tls": "starttls", "chunking": True},
            {"most_bytes": 0, "utf8": False},
            (
                "takes mails of any size, over TLS, in pieces (BDAT), as it said on 3 Nov, 10:42. It takes "
                "no addresses with letters beyond ASCII (SMTPUTF8)."
            ),
        ),
        (
            {"chunking": True},
            {"chunking": False, "starttls": False},
            "takes mails up to 9.8 MB, without TLS, in one piece, for it offers no BDAT, as it said on",
        ),
    ],
)
def test_ops_are_told_what_the_relay_takes(
    settings: Settings, mail: dict[str, Any], offered: dict[str, Any], says: str
) -> None:
    settings.MAIL = {**settings.MAIL, **mail}
    known = hear(Notes(), replace(SMALL, **offered))
    assert in_words(known).startswith(f"The relay relay.example:25 {says}")


def test_operations_page_says_so(client: Client, settings: Settings) -> None:
    client.force_login(make_person(role=Role.OPS))
    settings.EMAIL_HOST, settings.EMAIL_PORT = ROUTE.host, ROUTE.port
    with mock.patch.object(publishing, "depths", return_value=dict.fromkeys(switchyard().lanes, 0)):
        assert "Outside services" not in client.get("/ops/").content.decode()
        notes.hear(SMALL, route=ROUTE, now=timezone.now())
        notes.write()
        assert "The relay relay.example:25 takes mails up to 9.8 MB" in client.get("/ops/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_processes_write_it_beside_what_they_observe() -> None:
    with Tallying() as tallying:
        notes.hear(SMALL, route=ROUTE, now=NOW)
    wait_until(RelayOffer.objects.exists)
    tallying._thread.join()
