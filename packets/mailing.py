"""Mailing a packet to named recipients, as a link of their own or as an attachment; its ledger is `Delivery`.

A row moves to `sending` before its mail's first byte: what is found there later may have arrived, so it is
counted as uncertain and never sent again by itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.letters import LANE, Letter, carrier
from jobs.models import Job, Person
from jobs.retries import MayBeDone, PermanentFailure, TemporaryFailure
from jobs.submission import submit
from jobs.verbs import PartPlan, WorkingPart
from packets import recording, releasing, sharing
from packets.expiring import is_there
from packets.models import Delivery, DeliveryState, DisclosureWay, Packet, Share
from packets.policies import notice_of, policy_of
from packets.sharing import Recipient, Terms
from packets.words import mail_text

IN_DOUBT = gettext_lazy(
    "Nobody knows whether this mail arrived: it broke off while it was handed over. Ask the recipient, and "
    "share the packet anew if it did not."
)
NOT_SENT = gettext_lazy("It was not sent: its job was stopped, or gave up.")
TAKEN_BACK = gettext_lazy(
    "A student took the release of a document back before this mail was sent. Build the packet again first."
)
BEING_REPLACED = gettext_lazy(
    "The packet was to be built again before this mail was sent. Send it when that is done."
)
GONE = gettext_lazy("The packet's file was deleted before this mail was sent.")
REVOKED = gettext_lazy("The link was revoked, or its time was over, before this mail was sent.")


@transaction.atomic
def mail_packet(
    packet: Packet,
    recipients: Sequence[Recipient],
    *,
    terms: Terms,
    attaches: bool,
    message: str,
    by: Person,
    now: datetime,
) -> Job:
    """Submit a mail to each recipient, with a link or with the file; the same form again is the same job."""
    Packet.objects.select_for_update().get(pk=packet.pk)
    if found := packet.deliveries.select_related("job").filter(form_key=terms.form_key).first():
        assert found.job is not None  # noqa: S101 - a form is no older than a job
        return found.job
    links: list[Share | None] = [None] * len(recipients)
    if not attaches:
        links = [*sharing.make_links(packet, recipients, terms=terms, by=by, now=now)]
    job = submit(
        kind="packets.mail",
        lane=LANE,
        school=packet.school,
        by=by,
        arguments={"packet": packet.pk},
        key=terms.form_key.hex,
        title=packet.title,
        units=len(recipients),
    )
    Delivery.objects.bulk_create(
        _row(packet, job, recipient, share=link, form_key=terms.form_key, message=message, requested_by=by)
        for recipient, link in zip(recipients, links, strict=True)
    )
    return job


def _row(packet: Packet, job: Job, recipient: Recipient, **rest: Any) -> Delivery:
    return Delivery(
        school_id=packet.school_id,
        packet=packet,
        job=job,
        name=recipient.name,
        email=recipient.email,
        message_id=carrier().new_message_id(),
        **rest,
    )


def plans(job: Job) -> Iterable[PartPlan]:
    """Return a part for each mail of the job."""
    rows = Delivery.objects.filter(job=job).select_related("packet__result")
    return [PartPlan(units=1, bytes=_weight(row), arguments={"delivery": row.pk}) for row in rows]


def deliver(part: WorkingPart) -> None:
    """Send the mail of one part, unless that was done or may have been.

    Raises:
        TemporaryFailure: the relay could not take it now.
        PermanentFailure: it was refused, may have arrived, or there is nothing to send any more.
    """
    rows = Delivery.objects.select_related("packet__school", "packet__result", "share", "requested_by")
    delivery = rows.get(pk=part.arguments["delivery"], job=part.job)
    if delivery.state != DeliveryState.ACCEPTED:
        _require_known(delivery)
        letter = _letter_or_end(delivery)
        if not delivery.begin():
            raise PermanentFailure(str(IN_DOUBT))
        _send(delivery, letter)
    part.report(done=1)


def give_up(job: Job) -> None:
    """Note which mails of a job that failed or was stopped were not sent, and of which nobody knows."""
    rows = Delivery.objects.filter(job=job)
    for begun in rows.filter(state=DeliveryState.SENDING).select_related("packet__result", "requested_by"):
        _end(begun, DeliveryState.UNCERTAIN, said=str(IN_DOUBT))
    rows.filter(state=DeliveryState.WAITING).update(state=DeliveryState.REFUSED, said=NOT_SENT)


def _letter_or_end(delivery: Delivery) -> Letter:
    """Return the letter; where there is nothing to send any more, the mail is noted as not sent."""
    try:
        return _letter(delivery)
    except PermanentFailure as error:
        delivery.begin()
        _end(delivery, DeliveryState.REFUSED, said=str(error))
        raise


def _require_known(delivery: Delivery) -> None:
    """Refuse a mail of which nobody knows whether it left."""
    if delivery.state == DeliveryState.SENDING:
        _end(delivery, DeliveryState.UNCERTAIN, said=str(IN_DOUBT))
    if delivery.state in (DeliveryState.SENDING, DeliveryState.UNCERTAIN):
        raise PermanentFailure(str(IN_DOUBT))


def _send(delivery: Delivery, letter: Letter) -> None:
    try:
        carrier().send(letter)
    except MayBeDone as error:
        _end(delivery, DeliveryState.UNCERTAIN, said=str(IN_DOUBT))
        raise PermanentFailure(str(IN_DOUBT)) from error
    except TemporaryFailure:
        delivery.end(DeliveryState.WAITING)
        raise
    except PermanentFailure as error:
        _end(delivery, DeliveryState.REFUSED, said=str(error))
        raise
    _end(delivery, DeliveryState.ACCEPTED)


def _end(delivery: Delivery, state: DeliveryState, *, said: str = "") -> None:
    """Note what became of the mail, and that somebody got it, or may have."""
    now = timezone.now()
    with transaction.atomic():
        if not delivery.end(state, now=now, said=said) or state == DeliveryState.REFUSED:
            return
        ways = {
            (DeliveryState.ACCEPTED, True): DisclosureWay.MAILED_LINK,
            (DeliveryState.ACCEPTED, False): DisclosureWay.MAILED_FILE,
            (DeliveryState.UNCERTAIN, True): DisclosureWay.MAY_HAVE_LINK,
            (DeliveryState.UNCERTAIN, False): DisclosureWay.MAY_HAVE_FILE,
        }
        recording.record(
            ways[state, delivery.share is not None],
            packet=delivery.packet,
            file=delivery.packet.result,
            by=recording.named(delivery.requested_by),
            name=delivery.name,
            email=delivery.email,
            now=now,
        )


def _letter(delivery: Delivery) -> Letter:
    packet, share, now = delivery.packet, delivery.share, timezone.now()
    if not is_there(packet, now=now) or packet.result is None:
        raise PermanentFailure(GONE)
    if share is not None and not share.is_open(now=now):
        raise PermanentFailure(REVOKED)
    policy = policy_of(packet.school)
    if releasing.rests(packet, policy=policy):
        raise PermanentFailure(TAKEN_BACK if packet.is_built else BEING_REPLACED)
    return Letter(
        name=delivery.name,
        address=delivery.email,
        sender_name=packet.school.name,
        subject=_("{packet}: students' documents from {school}").format(
            packet=packet.title, school=packet.school.name
        ),
        text=mail_text(delivery, file=packet.result, notice=notice_of(packet, policy=policy)),
        message_id=delivery.message_id,
        reply_to=delivery.requested_by.email if delivery.requested_by else "",
        file=None if share else packet.result,
    )


def _weight(delivery: Delivery) -> int:
    is_attached = delivery.share_id is None and delivery.packet.result is not None
    return delivery.packet.result.size if is_attached and delivery.packet.result else 0
