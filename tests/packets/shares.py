"""Sharing a packet as staff do, for tests."""

import re
from uuid import uuid4

from django.test import Client

from packets import sharing
from packets.models import Disclosure, Packet, Share

SITE = "https://careers.example"


def share_on_page(client: Client, packet: Packet, **chosen: str) -> Share:
    """Share the packet on its page, usually by a link for Harbor Health, and return the newest link."""
    usual = {"recipients": "Harbor Health", "way": "link", "days": "7", "form_key": str(uuid4())}
    answer = client.post(f"/packets/{packet.pk}/share/", {**usual, **chosen})
    assert answer.status_code == 302, re.findall("errorlist.*", answer.content.decode())
    return Share.objects.select_related("packet").latest("pk")


def way_to(share: Share) -> str:
    """Return the address of the link within the platform."""
    return sharing.address_of(share).removeprefix(SITE)


def record_of(packet: Packet) -> list[tuple[str, str]]:
    """Return what is recorded of the packet, oldest first: the way and the recipient."""
    rows = Disclosure.objects.filter(packet_number=packet.pk).order_by("pk")
    return list(rows.values_list("way", "name"))
