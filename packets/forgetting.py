"""Forgetting documents that were made ready for packets, with their pieces."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from jobs.files import discard
from jobs.settings import switchyard
from packets.models import ReadyDocument

LONGEST_DAYS = 36_500
"""A hundred years; who writes more means for ever."""


def forget_unused(*, now: datetime, most: int) -> int:
    """Forget at most so many documents that no packet took for `ready_days`; return how many."""
    days = min(switchyard().history.ready_days, LONGEST_DAYS)
    is_unused = Q(used_on__lt=timezone.localdate(now) - timedelta(days=days))
    found = ReadyDocument.objects.filter(is_unused).order_by("used_on")
    return sum(forget(ready, where=is_unused) for ready in list(found[:most]))


@transaction.atomic
def forget(ready: ReadyDocument, *, where: Q | None = None) -> bool:
    """Forget what was made of a document, with its piece, if it still is as `where` says; say if so."""
    documents = ReadyDocument.objects.select_for_update(of=("self",), skip_locked=True)
    found = documents.select_related("piece").filter(where or Q(), pk=ready.pk).first()
    if found is None:
        return False
    found.delete()
    if found.piece is not None:
        discard(found.piece)
    return True
