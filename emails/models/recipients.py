"""The ledger of a mailing: one row for each recipient says what became of their mail."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from emails.hashing import hashes_of
from emails.models.mailings import Mailing
from jobs.models import School
from jobs.models.tenancy import SchoolQuerySet

WORDS_LENGTH = 500


class RecipientState(models.TextChoices):
    """What became of a recipient's mail, in the words of the pages."""

    WAITING = "waiting", _("Waiting")
    SENDING = "sending", _("Being sent")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    UNCERTAIN = "uncertain", _("Uncertain")
    SUPPRESSED = "suppressed", _("Left out")
    OMITTED = "omitted", _("Left out from the start")
    LACKING = "lacking", _("Left out: no file")
    BOUNCED = "bounced", _("Came back")
    COMPLAINED = "complained", _("Called it spam")


HANDED_OVER = (RecipientState.SENDING, RecipientState.UNCERTAIN)
OUTSIDE_STATES = (RecipientState.OMITTED, RecipientState.LACKING)
"""Left out already when the mailing was planned, for a file of their own or else: in no part of the job."""
LEFT_OUT_STATES = (RecipientState.SUPPRESSED, *OUTSIDE_STATES)
TOLD_LATER = (RecipientState.BOUNCED, RecipientState.COMPLAINED)
"""What others tell of a mail once it was taken, and sometimes before we have noted that."""


# The two statements of each mail are written out: to build them anew took Django half of a worker's time.
TAKE = """
UPDATE emails_recipient SET state = 'sending'
WHERE id = %(id)s AND state = 'waiting' AND NOT EXISTS (
    SELECT FROM emails_suppression
    WHERE school_id = %(school)s AND hash = ANY(%(hashes)s) AND removed_at IS NULL
)
"""
CLEAR_DOUBT = """
UPDATE emails_recipient SET state = 'accepted', relay_words = %(words)s, accepted_at = %(now)s
WHERE id = %(id)s AND state IN ('sending', 'uncertain')
"""


class Recipient(models.Model):
    """One recipient. It is taken before the first byte of its mail and settled by the relay's word.

    A row that is still `sending` when its part is worked on again was left by a worker that died
    or lost the part: nobody knows whether the relay took the mail, so it becomes `uncertain`.
    """

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="recipients")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    student_id = models.BigIntegerField()
    """Not a foreign key: students are another app's."""
    name = models.CharField(max_length=210)
    address = models.CharField(max_length=254)
    merge_values = models.JSONField(default=dict)
    """What the merge fields became when the mailing was sent."""
    message_id = models.CharField(max_length=200)
    """Fixed before the first attempt, so that a mail that arrives twice can be told."""
    state = models.CharField(max_length=10, choices=RecipientState, default=RecipientState.WAITING)
    relay_words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    """What the relay, or we, said about it last."""
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = SchoolQuerySet["Recipient"].as_manager()

    class Meta:
        """An address gets one mail of a mailing, however it is capitalised."""

        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint("mailing", Lower("address"), name="recipient_address_is_unique"),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False)
                | Q(state__in=TOLD_LATER)
                | (~Q(state__in=("accepted", *TOLD_LATER)) & Q(accepted_at__isnull=True)),
                name="recipient_accepted_at_fits_its_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=("mailing", "state", "id"), name="recipient_by_state"),
            models.Index(
                fields=("mailing", "state", "id"),
                condition=~Q(relay_words="") & ~Q(state="accepted"),
                name="recipient_with_trouble",
            ),
            models.Index(
                "school",
                Lower("address"),
                "accepted_at",
                condition=Q(accepted_at__isnull=False),
                name="recipient_had_mail",
            ),
        ]

    def __str__(self) -> str:
        """Return the id and the state: an address is personal data."""
        return f"Recipient {self.pk}, {self.state}"

    def take(self) -> bool:
        """Move from waiting to sending, unless suppressed by now, and return whether this call did it."""
        hashes = list(hashes_of([self.address]))
        return self._changed(TAKE, school=self.school_id, hashes=hashes)

    def put_off(self, *, words: str) -> bool:
        """Stay waiting, with the words of a relay that was asked and does not take the mail now."""
        return self._move((RecipientState.WAITING,), state=RecipientState.WAITING, relay_words=words)

    def turn_down(self, *, words: str) -> bool:
        """End as refused while nothing was handed over: no mail can be made, or the relay takes none.

        Not of a row that is being sent: another worker may have lost the part to us, or we to it.
        """
        return self._move((RecipientState.WAITING,), state=RecipientState.REFUSED, relay_words=words)

    def put_back(self, *, words: str) -> bool:
        """Move from sending back to waiting: the relay surely has no mail."""
        return self._move((RecipientState.SENDING,), state=RecipientState.WAITING, relay_words=words)

    def refuse(self, *, words: str) -> bool:
        """End as refused after the mail was sent; a doubt that others had meanwhile is settled by it."""
        return self._move(HANDED_OVER, state=RecipientState.REFUSED, relay_words=words)

    def accept(self, *, now: datetime, words: str) -> bool:
        """End as accepted; a doubt of others is settled by it, a bounce that was faster stays."""
        return self.clear_doubt(now=now, words=words) or self._move(TOLD_LATER, accepted_at=now)

    def clear_doubt(self, *, now: datetime, words: str) -> bool:
        """End as accepted if nobody knew: word came later that the mail was taken."""
        return self._changed(CLEAR_DOUBT, now=now, words=words[:WORDS_LENGTH])

    def doubt(self, *, words: str) -> bool:
        """Move from sending to uncertain: the relay may have the mail."""
        return self._move((RecipientState.SENDING,), state=RecipientState.UNCERTAIN, relay_words=words)

    def bounce(self, *, words: str) -> bool:
        """Move to bounced: another server gave the mail back, after ours had taken it or may have."""
        before = (RecipientState.ACCEPTED, *HANDED_OVER)
        return self._move(before, state=RecipientState.BOUNCED, relay_words=words)

    def complain(self, *, words: str) -> bool:
        """Move to complained: the mail arrived, and its recipient called it spam."""
        before = (RecipientState.ACCEPTED, *HANDED_OVER)
        return self._move(before, state=RecipientState.COMPLAINED, relay_words=words)

    def _changed(self, statement: str, **values: Any) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**values, "id": self.pk})
            return bool(cursor.rowcount)

    def _move(self, before: tuple[RecipientState, ...], **after: object) -> bool:
        if "relay_words" in after:
            after["relay_words"] = str(after["relay_words"])[:WORDS_LENGTH]
        return bool(Recipient.objects.filter(pk=self.pk, state__in=before).update(**after))
