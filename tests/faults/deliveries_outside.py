"""The mails by which employers got packets, against their ledger and the record of who got what."""

from collections import Counter

from jobs.models import JobState
from packets.mailing import BEING_REPLACED
from packets.models import Delivery, DeliveryState, Disclosure, DisclosureWay
from tests.faults.verdict import Verdict

WANTED = {
    DeliveryState.ACCEPTED: (1, 1),
    DeliveryState.UNCERTAIN: (0, 1),
    DeliveryState.SENDING: (0, 1),
    DeliveryState.WAITING: (0, 0),
    DeliveryState.REFUSED: (0, 0),
}
"""The fewest and the most mails of a delivery in each state."""
RECORDED = {
    DeliveryState.ACCEPTED: DisclosureWay.MAILED_FILE,
    DeliveryState.UNCERTAIN: DisclosureWay.MAY_HAVE_FILE,
}
"""What is written down of a delivery in each state; of the others nothing is."""


def judge_deliveries(verdict: Verdict, *, arrived: Counter[tuple[str, str]]) -> None:
    """Each delivery has the mails that its state says, and is written down once."""
    recorded = Counter(Disclosure.objects.values_list("email", "way"))
    for row in Delivery.objects.select_related("job"):
        least, most = WANTED[DeliveryState(row.state)]
        count = arrived[row.message_id, row.email.lower()]
        told = f"delivery {row.pk} is {row.state} and has {count} mails"
        if count > most:
            verdict.doubled.append(told)
        if count < least or (row.job and row.job.state == JobState.DONE and _is_open(row)):
            verdict.lost.append(told)
        verdict.uncertain += row.state in {DeliveryState.UNCERTAIN, DeliveryState.SENDING}
        verdict.compared["deliveries"] += 1
        way = RECORDED.get(DeliveryState(row.state))
        if way and recorded[row.email, way.value] != 1:
            times = recorded[row.email, way.value]
            verdict.wrong.append(f"delivery {row.pk} is {row.state} and recorded {times} times")


def is_explained(arguments: dict[str, int]) -> bool:
    """Say whether a mail that failed for good is one of which nobody knows, or was held back rightly."""
    row = Delivery.objects.get(pk=arguments["delivery"])
    return row.state in {DeliveryState.UNCERTAIN, DeliveryState.ACCEPTED} or row.said == BEING_REPLACED


def _is_open(row: Delivery) -> bool:
    return row.state in {DeliveryState.WAITING, DeliveryState.SENDING}
