"""Pruning: what ended long ago is deleted, a bounded batch at a time."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import ProtectedError, QuerySet

from jobs import files, guessing, notifying, outliving, quotas, webhooks
from jobs.forgetting import forgetting
from jobs.models import Attempt, Job
from jobs.registry import UnknownKind, kind_named, kinds

log = structlog.get_logger()

MOST_ROWS = 1000
REST = timedelta(hours=1)


class Pruner:
    """Prunes a batch at each turn while there is something left, and rests for an hour when there is not."""

    def __init__(self) -> None:
        """Be due at once."""
        self._due_at: datetime | None = None

    def take_turn(self, *, now: datetime) -> int:
        """Prune a batch when it is time, and return how many rows went."""
        if self._due_at is not None and now < self._due_at:
            return 0
        rows = prune(now=now)
        if rows < MOST_ROWS:
            self._due_at = now + REST
        if rows:
            log.info("history_pruned", rows=rows)
        return rows


pruner = Pruner()


class Batch:
    """The rows that may still be deleted this time."""

    def __init__(self, *, most: int) -> None:
        """Allow `most` rows."""
        self.most = self.left = most

    def delete(self, rows: QuerySet[Any]) -> None:
        """Delete `rows`, as many as are left; what hangs on them must be gone."""
        if self.left:
            ids = list(rows.order_by().values_list("pk", flat=True)[: self.left])
            rows.model._default_manager.filter(pk__in=ids).delete()  # noqa: SLF001 - Django's public name
            self.left -= len(ids)


def prune(*, now: datetime, most: int = MOST_ROWS) -> int:
    """Delete old jobs, attempts, events and buckets, about `most` rows in all, and return how many.

    An open job keeps everything, however old it is.
    """
    batch, keeping = Batch(most=most), outliving.keeping_now()
    for old in outliving.old_jobs(keeping, now=now):
        for pk in list(old.order_by("ended_at").values_list("pk", flat=True)[: batch.left]):
            _prune_job(old.filter(pk=pk), batch=batch)
    for kind in kinds():
        if batch.left:
            batch.left -= kind.prune_leftovers(now=now, most=batch.left)
    batch.delete(quotas.idle(now=now))
    for rows in guessing.forgettable(now=now):
        batch.delete(rows)
    webhooks.forget_ended_secrets(now=now)
    batch.delete(outliving.old_typed_forms(keeping, now=now))
    batch.delete(outliving.old_notifications(keeping, now=now))
    batch.delete(outliving.old_attempts(keeping, now=now))
    for events in outliving.old_events(keeping, now=now):
        with forgetting():
            batch.delete(events)
    notifying.recount()
    return batch.most - batch.left


def _prune_job(old: QuerySet[Job], *, batch: Batch) -> None:
    """Prune the one job of `old`, unless it was retried meanwhile or somebody is at it."""
    left = batch.left
    if not left:
        return
    try:
        with forgetting():
            job = old.select_for_update(skip_locked=True, of=("self",)).first()
            if job is not None:
                _delete(job, batch=batch)
    except ProtectedError as error:
        # An app keeps rows that need the job, and does not delete them in its kind's `prune`.
        batch.left = left
        log.warning("job_not_pruned", needed_by=type(next(iter(error.protected_objects))).__name__)


def _delete(job: Job, *, batch: Batch) -> None:
    """Delete the job's rows, and the job itself when none is left."""
    batch.delete(Attempt.objects.filter(part__job=job))
    batch.delete(job.parts.all())
    batch.delete(job.events.all())
    if not batch.left or not _prune_kind(job, batch=batch):
        return
    for stored in job.files.all():
        files.discard(stored)
    job.delete()
    batch.left = max(0, batch.left - 1)


def _prune_kind(job: Job, *, batch: Batch) -> bool:
    """Let the kind delete its rows of the job; return whether none is left."""
    most = batch.left
    try:
        rows = kind_named(job.kind).prune(job, most=most)
    except UnknownKind:
        rows = 0
    batch.left -= min(rows, most)
    return rows < most
