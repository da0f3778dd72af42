"""Mailings and codes in Django's own admin, to look at; they change through the pages only."""

from django.contrib import admin

from emails.models import Code, Mailing
from emails.models.mailings import PINNED_IDS
from jobs.admin import ReadOnlyAdmin


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin):
    """Mailings of all schools."""

    list_display = ("subject", "school", "created_by", "created_at", "job")
    list_filter = ("school",)
    list_select_related = ("school", "created_by", "job")
    exclude = PINNED_IDS


@admin.register(Code)
class CodeAdmin(ReadOnlyAdmin):
    """Codes without their hashes."""

    list_display = ("id", "person", "state", "tries", "requested_at", "sent_at", "expires_at")
    list_filter = ("state",)
    list_select_related = ("person",)
    exclude = ("hash",)
