"""Single mails of other apps: what they may weigh, and handing them over to the relay."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from emails import carriers, composing, merging, noting, single
from emails.composing import CannotCompose
from emails.enclosing import own_tail_of
from emails.models import AttachmentWay
from emails.oversize import FIELDS_BYTES
from emails.policies import policy_of
from emails.smtp.own_tails import encoded_size
from emails.smtp.tails import new_boundary
from jobs.letters import Letter
from jobs.models import School, StoredFile
from jobs.sections import MEGABYTE
from jobs.settings import switchyard
from jobs.sizes import size

USE = gettext_noop("letters")
TEXT_BYTES = 8192
"""More than what stands before the files of such a mail."""


class LetterCarrier:
    """Offers the mail relay as `jobs.letters.Carrier`."""

    def objection(self, file: StoredFile, *, school: School) -> str:
        """Return why `file` is not attached to a mail of the school, as a sentence; empty where it can be."""
        most = switchyard().files.attachment_megabytes
        if file.size > most * MEGABYTE:
            return _("The file has {size}, and a mail may have {most:g} MB of files.").format(
                size=size(file.size), most=most
            )
        policy = policy_of(school)
        if policy.way == AttachmentWay.LINK and policy.proposes_links(file.size):
            limit = f"{policy.link_above_megabytes:g} MB"
            return _("The file has {size}, and your school sends files above {limit} as links.").format(
                size=size(file.size), limit=limit
            )
        offer = noting.offer_of_relay(now=timezone.now())
        weight = TEXT_BYTES + FIELDS_BYTES + encoded_size(file.size)
        if offer and offer.most_bytes and weight > offer.most_bytes:
            relay = carriers.title_of(carriers.RELAY)
            return _("With the file a mail has about {size}, and {relay} takes {most}.").format(
                size=size(weight), relay=relay, most=size(offer.most_bytes)
            )
        return ""

    def is_address(self, address: str) -> bool:
        """Say whether a mail can go to the address."""
        try:
            composing.envelope_address(address)
        except CannotCompose:
            return False
        return True

    def new_message_id(self) -> str:
        """Return a Message-ID that no other mail has."""
        return composing.new_message_id()

    def send(self, letter: Letter) -> None:
        """Hand the mail over to the relay; who calls again may send it twice.

        Raises:
            TemporaryFailure, MayBeDone, PermanentFailure: as `single.send_to`.
        """
        files = [letter.file] if letter.file else []
        tail = own_tail_of(files, boundary=new_boundary(), shared=None) if files else None
        single.send_to(
            _Addressee(name=letter.name, email=letter.address),
            letter=composing.Letter(
                subject=merging.literal(letter.subject),
                body=merging.literal(letter.text),
                sender_name=letter.sender_name,
                reply_to=letter.reply_to,
            ),
            message_id=letter.message_id,
            use=USE,
            tail=tail,
        )


class _Addressee:
    def __init__(self, *, name: str, email: str) -> None:
        self.name, self.email = name, email
