"""What the mail writer observes: the relay's time for a mail, by the weight of its attachments."""

from typing import Any

import pytest

from emails.measures import HANDOVER, HEAVIEST, TOLD, WEIGHTS, told, weight_of
from emails.smtp.messages import Message
from emails.visiting import visit_relay
from jobs.tallies import SUM, tallies


@pytest.mark.parametrize(
    ("size", "weight"),
    [(0, "none"), (1, "up_to_1_mb"), (1_000_001, "up_to_5_mb"), (7_000_000, "over_5_mb")],
)
def test_weights_are_few(size: int, weight: str) -> None:
    assert weight_of(size) == weight


def test_each_weight_has_words_for_incidents() -> None:
    assert {*TOLD} == {*(weight for _, weight in WEIGHTS), HEAVIEST}
    assert told(HEAVIEST) == "The mail relay's time for a mail with attachments of more than 5 MB"


@pytest.mark.django_db
def test_each_mail_tells_how_long_the_relay_took(relay: Any) -> None:
    tallies.take()
    with visit_relay(use="tests") as ours:
        for address in ("ana@x.example", "bea@x.example"):
            message = Message(head=b"Subject: hello\r\n\r\nhello\r\n")
            ours.open(message.envelope(sender="careers@x.example", recipients=(address,)))
            ours.hand_over(message)
    found = {key.bucket: value for key, value in tallies.take().items() if key.measure == HANDOVER.name}
    assert found.pop(SUM) > 0
    assert sum(found.values()) == 2
