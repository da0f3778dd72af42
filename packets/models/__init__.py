"""A packet: chosen students' documents in one PDF, with what was left out and why."""

from packets.models.chunks import Chunk, chunk_folder, chunk_path
from packets.models.disclosures import Disclosure, DisclosureWay
from packets.models.documents import PageCount, ReadyDocument
from packets.models.packets import TITLE_LENGTH, DocumentType, Packet
from packets.models.pictures import PagePicture
from packets.models.policies import PacketPolicy
from packets.models.shares import Delivery, DeliveryState, Share
from packets.models.students import LeftOut, PacketStudent
from packets.models.templates import PacketTemplate

__all__ = [
    "TITLE_LENGTH",
    "Chunk",
    "Delivery",
    "DeliveryState",
    "Disclosure",
    "DisclosureWay",
    "DocumentType",
    "LeftOut",
    "Packet",
    "PacketPolicy",
    "PacketStudent",
    "PacketTemplate",
    "PageCount",
    "PagePicture",
    "ReadyDocument",
    "Share",
    "chunk_folder",
    "chunk_path",
]
