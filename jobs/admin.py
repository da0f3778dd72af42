"""Django's admin for the core's records: people are kept here, all else is only looked at."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import ApiToken, Job, Part, Person, School, StoredFile, WorkerPresence

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(ModelAdmin):
    """Shows rows that only the work layer may change."""

    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody adds rows by hand."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody changes rows by hand."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Nobody deletes rows by hand."""
        return False


@admin.register(School)
class SchoolAdmin(ReadOnlyAdmin):
    """Schools; the pages of settings add and change them, with who and why."""

    list_display = ("name", "slug", "is_on", "weight", "history_days", "created_at")
    search_fields = ("name", "slug")


@admin.register(Person)
class PersonAdmin(ModelAdmin):
    """People; passwords are set with `manage.py changepassword`."""

    list_display = ("name", "email", "role", "school", "is_active")
    list_filter = ("role", "is_active", "school")
    list_select_related = ("school",)
    search_fields = ("name", "email")
    fields = ("name", "email", "role", "school", "is_active")


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Jobs of all schools."""

    list_display = (
        "id",
        "title",
        "kind",
        "lane",
        "school",
        "state",
        "units_done",
        "units_total",
        "created_at",
    )
    list_filter = ("state", "lane", "kind")
    list_select_related = ("school",)
    search_fields = ("title", "key")


@admin.register(Part)
class PartAdmin(ReadOnlyAdmin):
    """Parts of all jobs."""

    list_display = ("id", "job", "step", "lane", "state", "attempt", "worker", "ready_at", "ended_at")
    list_filter = ("state", "lane", "step")
    list_select_related = ("job",)


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Records of files; their bytes are reached through the pages."""

    list_display = ("id", "name", "school", "media_type", "size", "created_at")
    list_select_related = ("school",)
    exclude = ("content",)


@admin.register(WorkerPresence)
class WorkerPresenceAdmin(ReadOnlyAdmin):
    """Workers that said a moment ago that they live."""

    list_display = ("name", "lane", "slots", "started_at", "beat_at")


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens of schools' own programs; `manage.py tokens` makes and revokes them."""

    list_display = ("prefix", "name", "school", "created_at", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("school",)
    exclude = ("digest",)
