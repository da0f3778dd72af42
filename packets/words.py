"""What recipients of a packet read in the mail that brings it."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import StoredFile
from jobs.sizes import size
from packets import sharing
from packets.models import Delivery

LINKED = gettext_lazy("""You can download it until {until} here:

    {address}
""")
WITH_PASSWORD = gettext_lazy("The page asks for a password, which you get from {sender} in another way.")


def mail_text(delivery: Delivery, *, file: StoredFile, notice: str) -> str:
    """Return the text of the mail: what comes, the sender's words, the link, and the notice."""
    sender = delivery.requested_by.name if delivery.requested_by else delivery.packet.school.name
    what = _("“{packet}”, documents of students as one file ({file}, {size})").format(
        packet=delivery.packet.title, file=file.name, size=size(file.size)
    )
    parts = [
        _("Hello {name},").format(name=delivery.name),
        _("{sender} of {school} sends you {what}.").format(
            sender=sender, school=delivery.packet.school.name, what=what
        ),
        delivery.message,
        *(_linked(delivery, sender=sender) if delivery.share else [_("You find it attached.")]),
        _("Please note: {notice}").format(notice=notice),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _linked(delivery: Delivery, *, sender: str) -> list[str]:
    assert delivery.share is not None  # noqa: S101 - asked of those with links
    until = timezone.localtime(delivery.share.expires_at, delivery.packet.school.zone)
    told = LINKED.format(
        until=f"{date_format(until, 'j F Y, H:i')} ({delivery.packet.school.zone})",
        address=sharing.address_of(delivery.share),
    )
    return [told, WITH_PASSWORD.format(sender=sender) if delivery.share.password else ""]
