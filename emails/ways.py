"""The two ways in which the files of a mailing can go, each with its weight and its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import ledger, policies, sending
from emails.models import AttachmentWay, Mailing
from emails.reaching import Reach
from emails.weight_checks import own_bytes, when
from jobs.foreseeing import foresee
from jobs.links import can_link
from jobs.models import StoredFile
from jobs.sizes import size

LINE_BYTES = 400
"""Of one file's link, in the text and in the HTML."""
OWN_TOO = gettext_lazy("Files of students' own are attached all the same.")


@dataclass(frozen=True, kw_only=True)
class Ways:
    """What whoever sends the mailing chooses between, as a page tells it."""

    attached: str
    linked: str


def ways_of(mailing: Mailing, reach: Reach, *, files: Sequence[StoredFile], now: datetime) -> Ways | None:
    """Return both ways for the draft `mailing`; None where nobody chooses."""
    if not files or not reach.recipients or not can_link():
        return None
    if policies.policy_of(mailing.school).way != AttachmentWay.CHOOSE:
        return None
    attached_bytes = sum(file.size for file in files)
    count = len(reach.recipients)
    has_own = reach.own_bytes is not None
    own = ledger.mail_bytes(own_bytes(reach)) if has_own else 0
    with_files = count * ledger.mail_bytes(attached_bytes) + own
    with_links = count * (ledger.mail_bytes(0) + LINE_BYTES * len(files)) + own
    linked = _("As links: {told}").format(told=_told(mailing, reach, with_links, attached_bytes=0, now=now))
    return Ways(
        attached=_("Attached: {told}").format(
            told=_told(mailing, reach, with_files, attached_bytes=attached_bytes, now=now)
        ),
        linked=f"{linked} {OWN_TOO}" if has_own else linked,
    )


def _told(mailing: Mailing, reach: Reach, total: int, *, attached_bytes: int, now: datetime) -> str:
    request = sending.request_of(mailing, reach=reach, attached_bytes=attached_bytes, by=None)
    return when(_("about {size} in all").format(size=size(total)), foresee(request, now=now), now=now)
