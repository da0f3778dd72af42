"""The relay's breakers: what closes the relay to work, and to which work."""

from typing import Any

import pytest

from emails import sending
from emails.models import Mailing, Recipient, RecipientState
from emails.smtp.lines import RelayAway
from emails.visiting import visit_relay
from jobs.breakers import ServiceClosed
from jobs.models import Breaker, BreakerState, Job, Part, PartState, Person, School
from jobs.settings import switchyard
from jobs.testing import let_time_come, run_parts

pytestmark = pytest.mark.django_db
FAILURES = switchyard().breakers.failures


def send(students: Any, school: School, author: Person, *addresses: str) -> Job:
    students.add(school, *addresses)
    mailing = Mailing.objects.create(
        school=school, created_by=author, subject="Fair", body="Hi {{ first_name }}"
    )
    return sending.send(mailing=mailing, by=author, confirmed=len(addresses))


def knock(use: str) -> None:
    """Find that the relay does not answer, as often as it takes to open the breaker of this use."""
    for _ in range(FAILURES):
        with pytest.raises(RelayAway), visit_relay(use=use) as relay:
            relay.connect()


def test_mailing_waits_for_a_relay_that_is_away_without_an_attempt(
    students: Any, school: School, author: Person, no_relay: None
) -> None:
    job = send(students, school, author, "ana@x.example")
    knock("mailings")
    run_parts(lane="bulk")
    part = job.parts.get(step="work")
    assert (part.state, part.attempt) == (PartState.DELAYED, 0)
    assert "The mail relay does not answer." in part.error
    assert set(Recipient.objects.values_list("state", flat=True)) == {RecipientState.WAITING}


def test_mails_that_break_the_relay_close_it_to_no_code(no_relay: None) -> None:
    knock("mailings")
    with pytest.raises(ServiceClosed), visit_relay(use="mailings"):
        pass
    with visit_relay(use="codes"):
        pass


def test_refused_and_deferred_recipients_are_no_failure_of_the_relay(
    students: Any, school: School, author: Person, relay: Any
) -> None:
    addresses = [f"student-{number}@x.example" for number in range(2 * FAILURES)]
    for number, address in enumerate(addresses):
        relay.refused[address] = "550 no such user" if number % 2 else "451 come back later"
    send(students, school, author, *addresses)
    run_parts(lane="bulk")
    assert not Breaker.objects.exists()


def test_broken_connections_open_the_breaker_and_one_success_closes_it(
    students: Any, school: School, author: Person, relay: Any
) -> None:
    addresses = [f"student-{number}@x.example" for number in range(3)]
    relay.drops_at_rcpt.update(addresses)
    send(students, school, author, *addresses)
    while Breaker.objects.exclude(state=BreakerState.CLOSED).count() == 0:
        run_parts(lane="bulk")
        let_time_come()
    relay.drops_at_rcpt.clear()
    let_time_come()
    run_parts(lane="bulk")
    assert sorted(relay.addresses) == addresses
    assert Breaker.objects.get().state == BreakerState.CLOSED
    assert Part.objects.exclude(state=PartState.DONE).count() == 0
