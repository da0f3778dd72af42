"""The settings versions: the newest one, as each process asks for it, and where each value comes from."""

import json
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import Error as DatabaseError
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from jobs.following import Newest
from jobs.models import SettingsVersion
from jobs.overrides import Path, only_changed
from jobs.setting_fields import WrongSetting
from jobs.settings import Switchyard, read, read_with

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


def newest_number() -> int:
    """Return the number of the newest version; 0 when there is none."""
    return SettingsVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0


def settings_in_force() -> Switchyard:
    """Return the settings of the newest version; those of the file when a new file does not fit it."""
    overrides = SettingsVersion.objects.order_by("-number").values_list("overrides", flat=True).first() or {}
    try:
        return read_with(overrides)
    except WrongSetting:
        return read(settings.SWITCHYARD)


def fits() -> bool:
    """Whether the newest version fits the settings file, so that it is in force."""
    overrides = SettingsVersion.objects.order_by("-number").values_list("overrides", flat=True).first() or {}
    try:
        read_with(overrides)
    except WrongSetting:
        return False
    return True


def overrides_of(whole: Switchyard) -> dict[str, Any]:
    """Return the overrides that make `whole` of the settings file."""
    return only_changed(file=read(settings.SWITCHYARD), whole=whole)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who gave a setting its value, and when."""

    number: int
    """Of the version that did."""
    made_at: datetime
    made_by: str
    """The person's name; empty when the person is gone."""


# The newest change of each value.
ORIGINS = """
SELECT DISTINCT ON (change -> 'path')
    change -> 'path', version.number, version.made_at, coalesce(person.name, '')
FROM jobs_settingsversion version
CROSS JOIN LATERAL jsonb_array_elements(version.changes) change
LEFT JOIN jobs_person person ON person.id = version.made_by_id
ORDER BY change -> 'path', version.number DESC
"""


def origins() -> dict[Path, Origin]:
    """Return where the values come from that were ever changed, by path such as ("lanes", "bulk", "rate")."""
    with connection.cursor() as cursor:
        cursor.execute(ORIGINS)
        rows = cursor.fetchall()
    return {
        tuple(json.loads(path)): Origin(number=number, made_at=made_at, made_by=made_by)
        for path, number, made_at, made_by in rows
    }
