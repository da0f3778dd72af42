"""Correcting what was told already: the public text is replaced, and what it said is kept for ops."""

from collections.abc import Collection
from datetime import datetime
from typing import cast

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from jobs.models import Incident, IncidentUpdate, Person, TextCorrection
from jobs.plain import without_controls
from jobs.status import snapshots
from jobs.status.naming import require_nameless

log = structlog.get_logger()


class CorrectedMeanwhile(Exception):
    """It says something else than its reader saw; the message is a sentence for the person."""


def correct(
    text: IncidentUpdate | Incident,
    *,
    before: str,
    after: str,
    by: Person,
    now: datetime,
    meant_otherwise: Collection[str] = (),
) -> None:
    """Replace an update's text, or an incident's title, that said `before`; mails that left stay as they are.

    Raises:
        CorrectedMeanwhile: it does not say `before` any more.
        NamesSomebody: it would name a school or a person.
    """
    if after == before:
        return
    require_nameless(after, meant_otherwise=meant_otherwise)
    update = text if isinstance(text, IncidentUpdate) else None
    incident, name = (update.incident, "body") if update else (cast("Incident", text), "title")
    rows = type(text).objects.filter(pk=text.pk)
    with transaction.atomic():
        if without_controls(rows.select_for_update().values_list(name, flat=True).get()) != before:
            message = _("It was corrected by somebody else meanwhile. Load the page again.")
            raise CorrectedMeanwhile(message)
        rows.update(**{name: after})
        # Feed readers take a text anew only where its time is newer.
        Incident.objects.filter(pk=incident.pk, updated_at__lt=now).update(updated_at=now)
        TextCorrection.objects.create(
            incident=incident, update_of=update, before=before, after=after, by=by, at=now
        )
        snapshots.rewrite(now=now)
    log.info("incident_corrected", incident=incident.code, what="update" if update else "title")
