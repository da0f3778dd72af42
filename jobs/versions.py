"""The newest settings version, as each process asks for it."""

from contextlib import nullcontext

import structlog
from django.db import connection, transaction
from django.db.utils import Error as DatabaseError
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from jobs.following import Newest
from jobs.models import SettingsVersion

log = structlog.get_logger()


def newest() -> Newest | None:
    """Return the newest version; None while the database cannot be asked."""
    if _has_failed():
        return None
    try:
        # Within the caller's transaction a failure of ours must not become theirs.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            row = SettingsVersion.objects.order_by("-number").values_list("number", "overrides").first()
    except DatabaseError as error:
        log.warning("settings_not_read", error=type(error).__name__)
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        return None
    return Newest(number=row[0], overrides=row[1]) if row else Newest(number=0, overrides={})


def _has_failed() -> bool:
    """Whether the caller's transaction can only be rolled back."""
    if connection.needs_rollback:
        return True
    raw = connection.connection
    return bool(raw and not raw.closed and raw.get_transaction_status() == TRANSACTION_STATUS_INERROR)
