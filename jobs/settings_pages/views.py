"""What is in force, and the pages of one lane, service or section, and of the schools' weights."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jobs import versions
from jobs.access import for_operations
from jobs.models import Hold, School, SettingsVersion
from jobs.overrides import PLAIN_SECTIONS, flat
from jobs.registry import services
from jobs.sections import Service
from jobs.setting_names import section_words
from jobs.settings import Switchyard, read
from jobs.settings_pages.groups import OF_A_LANE, grouped
from jobs.settings_pages.saving import Editing, edit
from jobs.settings_pages.sharing import meanwhile_of
from jobs.settings_pages.values import ValuesForm
from jobs.settings_pages.weights import WeightsForm

VERSIONS_SHOWN = 5
UNUSED = gettext_lazy("No kind of job goes to it, so its limits hold nothing back.")


@never_cache
@require_safe
@for_operations
def show_settings(request: HttpRequest) -> HttpResponse:
    """Show all settings in force, what of them was changed, and the latest changes."""
    now = versions.settings_in_force()
    changed = flat(versions.overrides_of(now))
    return render(
        request,
        "jobs/settings/overview.html",
        {
            "fits": versions.fits(),
            "lanes": [(lane, _has(changed, "lanes", lane.name)) for lane in now.lanes.values()],
            "services": [
                (each, _has(changed, "services", each.name), each.name in services())
                for each in _services(now).values()
            ],
            "unused": UNUSED,
            "rules": now.routes,
            "are_rules_changed": ("routes",) in changed,
            "sections": [(name, getattr(now, name), _has(changed, name)) for name in PLAIN_SECTIONS],
            "schools": School.objects.exclude(weight=1),
            "holds": Hold.objects.select_related("by", "school"),
            "versions": SettingsVersion.objects.select_related("made_by")[:VERSIONS_SHOWN],
        },
    )


def _has(changed: dict[tuple[str, ...], Any], *path: str) -> bool:
    return any(each[: len(path)] == path for each in changed)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_lane(request: HttpRequest, name: str) -> HttpResponse:
    """Show one lane's settings, and change them."""
    now = versions.settings_in_force()
    if name not in now.lanes:
        raise Http404
    lane, default = now.lanes[name], _file().lanes[name]
    return _change_values(
        request,
        now=now,
        path=("lanes", name),
        value=lane,
        default=default,
        title=_("Lane {name}").format(name=name),
        says=_("A lane has its own queue and workers, its limits and its promise."),
        vital=[name] if lane.is_vital else [],
        groups=OF_A_LANE,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_service(request: HttpRequest, name: str) -> HttpResponse:
    """Show the limits of an outside service, and change them; one that has none may get some."""
    now = versions.settings_in_force()
    if name not in (known := _services(now)):
        raise Http404
    none = Service(name=name)
    return _change_values(
        request,
        now=now,
        path=("services", name),
        value=known[name],
        default=_file().services.get(name, none),
        title=_("Service {name}").format(name=name),
        says=_("Limits of one outside service over all lanes, workers and hosts."),
        warns=""
        if name in services()
        else f"{UNUSED} {_('Kinds go to: {services}.').format(services=', '.join(services()))}",
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_section(request: HttpRequest, name: str) -> HttpResponse:
    """Show the values of one section, and change them."""
    if name not in PLAIN_SECTIONS:
        raise Http404
    now = versions.settings_in_force()
    return _change_values(
        request,
        now=now,
        path=(name,),
        value=getattr(now, name),
        default=getattr(_file(), name),
        title=section_words(name),
        says=getattr(now, name).purpose,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def change_weights(request: HttpRequest) -> HttpResponse:
    """Show the schools' weights, and change them."""
    schools = list(School.objects.all())
    meanwhile = meanwhile_of(request)
    form = WeightsForm(request.POST or None, schools=schools, origins=versions.origins(), meanwhile=meanwhile)
    editing = Editing(
        template="jobs/settings/weights.html",
        form=form,
        meanwhile=meanwhile,
        back=reverse("jobs:settings-weights"),
    )
    return edit(request, editing)


def _change_values(
    request: HttpRequest, *, now: Switchyard, path: tuple[str, ...], **page: Any
) -> HttpResponse:
    meanwhile = meanwhile_of(request)
    form = ValuesForm(
        request.POST or None,
        path=path,
        value=page["value"],
        default=page["default"],
        whole=now,
        meanwhile=meanwhile,
    )
    shown = form.shown(versions.origins())
    context = {
        "title": page["title"],
        "says": page["says"],
        "warns": page.get("warns", ""),
        "settings": [] if "groups" in page else shown,
        "groups": grouped(shown, page.get("groups", ())),
    }
    editing = Editing(
        template="jobs/settings/values.html",
        form=form,
        meanwhile=meanwhile,
        back=request.path,
        vital=page.get("vital", []),
        context=context,
    )
    return edit(request, editing)


def _services(now: Switchyard) -> dict[str, Service]:
    """Return the outside services that kinds go to, and those that have limits though none does."""
    return {**{name: Service(name=name) for name in services()}, **now.services}


def _file() -> Switchyard:
    return read(settings.SWITCHYARD)
