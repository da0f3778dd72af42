"""What a program's request for a packet takes from a template of the school."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.asking import LARGEST_ID, WrongArguments, storable
from jobs.models import School
from packets.layout import PLAIN, Layout
from packets.models import TITLE_LENGTH, DocumentType, Packet, PacketTemplate
from packets.queries import templates_of
from packets.title_patterns import filled

MOST_NAMED = 10
"""Templates that an error names."""
LACKS = {
    "title": gettext_lazy("Give the packet a title, or name a template that has one."),
    "document_types": gettext_lazy("Name the document types, or a template."),
}


def name_or_id(given: object) -> object:
    """Return what can name a template.

    Raises:
        ValueError: it can be neither a name nor an id.
    """
    if isinstance(given, str) and (name := storable(given).strip()):
        return name
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= LARGEST_ID:
        return given
    message = _("Send the name of a template, or its id.")
    raise ValueError(message)


def look_of(arguments: Any, *, school: School, before: Packet | None) -> dict[str, Any]:
    """Return title, document types, own files, layout and logo of the packet.

    What `arguments`, those of `packets.programs`, name counts in place of what their template has. The title
    that a template gave a packet `before` with the same key stays: its words may say another day by now.

    Raises:
        WrongArguments: the school has no such template, or neither it nor the arguments have what is needed.
    """
    template = None if arguments.template is None else _template(arguments.template, school=school)
    title = arguments.title or _title(template, school=school, before=before)
    types = arguments.document_types or (template.document_types if template else [])
    lacking = {"title": not title, "document_types": not types}
    if any(lacking.values()):
        raise WrongArguments({f"arguments.{name}": str(LACKS[name]) for name in lacking if lacking[name]})
    return {
        "title": title,
        "document_types": _in_order(arguments, types),
        "has_own_files": _chosen(arguments, "own_files", template.has_own_files if template else None),
        "layout": _layout(arguments, Layout.read(template.layout) if template else None),
        "logo": template.logo if template else None,
    }


def _template(given: str | int, *, school: School) -> PacketTemplate:
    templates = templates_of(school.pk)
    which = {"pk": given} if isinstance(given, int) else {"name__iexact": given}
    if found := templates.filter(**which).first():
        return found
    names = [f"“{each.name}” ({each.pk})" for each in templates[: MOST_NAMED + 1]]
    there = _("It has none yet.")
    if names:
        says = _("It has: {names} and others.") if len(names) > MOST_NAMED else _("It has: {names}.")
        there = says.format(names=", ".join(names[:MOST_NAMED]))
    sentence = f"{_('Your school has no packet template {given!r}.').format(given=given)} {there}"
    raise WrongArguments({"arguments.template": sentence})


def _title(template: PacketTemplate | None, *, school: School, before: Packet | None) -> str:
    if template is None:
        return ""
    day = timezone.localdate(before.created_at if before else None)
    return filled(template.title, school=school.name, today=day, longest=TITLE_LENGTH)


def _in_order(arguments: Any, types: list[str]) -> list[str]:
    """Return the document types in their usual order, or in that of the template."""
    return (
        [name for name in DocumentType.values if name in types] if arguments.document_types else list(types)
    )


def _layout(arguments: Any, layout: Layout | None) -> Layout:
    plain = layout or Layout()
    chosen = {
        "order": _chosen(arguments, "order", layout.order if layout else None),
        "is_linearised": _chosen(arguments, "linearised", layout.is_linearised if layout else None),
    }
    if arguments.documents_only:
        return replace(PLAIN, output=plain.output, **chosen)
    return replace(plain, **chosen)


def _chosen(arguments: Any, name: str, of_template: Any) -> Any:
    """Return what the arguments name, or else what the template has."""
    is_named = name in arguments.model_fields_set or of_template is None
    return getattr(arguments, name) if is_named else of_template
