"""The list of changes: who, when, why, before and after; and taking one back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jobs import versions
from jobs.access import for_operations, require_admin
from jobs.changing import CannotChangeSettings, NotConfirmed, undo
from jobs.models import SettingsVersion
from jobs.setting_fields import WrongSetting
from jobs.settings_pages.wording import told

VERSIONS_A_PAGE = 20


@never_cache
@require_safe
@for_operations
def show_versions(request: HttpRequest) -> HttpResponse:
    """List all changes of the settings, newest first."""
    found = SettingsVersion.objects.select_related("made_by").prefetch_related("undone_by")
    page = Paginator(found, VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    shown = {"page": page, "newest": versions.newest_number()}
    return render(request, "jobs/settings/versions.html", shown)


@require_http_methods(["POST"])
@for_operations
def undo_version(request: HttpRequest, number: int) -> HttpResponse:
    """Take a change back; where that touches a vital lane, ask for its name first."""
    person = require_admin(request)
    version = get_object_or_404(SettingsVersion, pk=number)
    expecting = request.POST.get("expecting", "")
    confirmed = request.POST.get("confirmed", "")
    try:
        made = undo(
            version,
            by=person,
            expecting=int(expecting) if expecting.isascii() and expecting.isdigit() else -1,
            confirmed=confirmed,
        )
    except NotConfirmed as error:
        shown = {"version": version, "lane": error.lane, "expecting": expecting, "confirmed": confirmed}
        return render(request, "jobs/settings/undo.html", shown, status=422)
    except (CannotChangeSettings, WrongSetting) as error:
        messages.warning(request, told(error))
    else:
        messages.success(
            request, _("{version} was taken back: {made} is in force.").format(version=version, made=made)
        )
    return redirect("jobs:settings-versions")
