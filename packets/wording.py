"""A packet's own look, with the words in braces of its texts written out."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from packets.layout import Layout
from packets.models import Packet
from packets.title_patterns import filled


def layout_of(packet: Packet) -> Layout:
    """Return the packet's layout; its texts name the school and the day of its request, as its title does."""
    layout = Layout.read(packet.layout)
    texts = {name: text for name in ("cover_text", "notice") if "{" in (text := getattr(layout, name))}
    if not texts:
        return layout
    school, today = packet.school, timezone.localdate(packet.created_at, packet.school.zone)
    changes: dict[str, Any] = {
        name: filled(text, school=school.name, today=today) for name, text in texts.items()
    }
    return replace(layout, **changes)
