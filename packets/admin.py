"""Packets in Django's admin, to look at: a packet is changed by its job alone."""

from django.contrib import admin

from jobs.admin import ReadOnlyAdmin
from packets.models import LeftOut, Packet


@admin.register(Packet)
class PacketAdmin(ReadOnlyAdmin):
    """What schools asked for."""

    list_display = ("title", "school", "created_at", "pages", "job")
    list_filter = ("school",)
    list_select_related = ("school", "job")


@admin.register(LeftOut)
class LeftOutAdmin(ReadOnlyAdmin):
    """Documents left out: a reason that occurs often wants looking into."""

    list_display = ("reason", "school", "packet")
    list_filter = ("school",)
    list_select_related = ("school", "packet")
