"""Keeping packet templates: making, changing, copying and deleting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs.models import Person, School, StoredFile
from packets.layout import Layout
from packets.logos import drop_unused, keep_logo
from packets.models import PacketTemplate
from packets.models.templates import NAME_LENGTH


class NameTaken(Exception):
    """The school has another template of this name."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What a template keeps."""

    name: str
    title: str
    document_types: Sequence[str]
    has_own_files: bool
    layout: Layout
    logo: StoredFile | bytes | None = None
    """One that is kept already, or a new picture from `packets.logos.drawn`."""


def keep(
    template: PacketTemplate | None, choices: Choices, *, school: School, by: Person, now: datetime
) -> PacketTemplate:
    """Write the choices into the template, or into a new one, and return it.

    Raises:
        NameTaken: another template of the school has the name.
    """
    template = template or PacketTemplate(school=school)
    before = template.logo
    logo = keep_logo(choices.logo, school=school, by=by) if isinstance(choices.logo, bytes) else choices.logo
    template.name, template.title, template.logo = choices.name, choices.title, logo
    template.document_types = list(choices.document_types)
    template.has_own_files, template.layout = choices.has_own_files, choices.layout.as_json()
    template.changed_by, template.changed_at = by, now
    try:
        with transaction.atomic():
            template.save()
    except IntegrityError as error:
        drop_unused(logo)
        raise NameTaken(choices.name) from error
    drop_unused(before)
    return template


def copy(template: PacketTemplate, *, by: Person, now: datetime) -> PacketTemplate:
    """Return a new template with the same choices and a name of its own."""
    taken = {name.lower() for name in _names(template.school_id)}
    names = (
        _("Copy of {template}").format(template=template.name)[: NAME_LENGTH - 4] + (f" {n}" if n > 1 else "")
        for n in count(1)
    )
    name = next(name for name in names if name.lower() not in taken)
    choices = Choices(
        name=name,
        title=template.title,
        document_types=template.document_types,
        has_own_files=template.has_own_files,
        layout=Layout.read(template.layout),
        logo=template.logo,
    )
    return keep(None, choices, school=template.school, by=by, now=now)


def delete(template: PacketTemplate) -> None:
    """Delete the template, and its logo unless something else has it; packets stay as they are."""
    logo = template.logo
    with transaction.atomic():
        template.delete()
        drop_unused(logo)


def _names(school_id: int) -> list[str]:
    return list(PacketTemplate.objects.filter(school_id=school_id).values_list("name", flat=True))
