"""What programs read of the status page, as Statuspage's public API has it, version 2."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from jobs.status import current
from jobs.status.honesty import Told
from jobs.status.showing import PAGE_ID
from jobs.status_pages.links import whole
from jobs.status_pages.public import as_json, public

PAGE_NAME = "Switchyard"
Part = Callable[[Told, Callable[[str], str]], Any]


def _incidents(incidents: list[Mapping[str, Any]], link: Callable[[str], str]) -> list[dict[str, Any]]:
    return [
        {
            **{name: value for name, value in each.items() if name != "postmortem"},
            "shortlink": link(reverse("status:incident", args=[each["id"]])),
        }
        for each in incidents
    ]


PARTS: Mapping[str, Part] = {
    "status": lambda told, _: {"indicator": told.indicator, "description": told.description},
    "components": lambda told, _: told.body["components"],
    "incidents": lambda told, link: _incidents(told.body["incidents"], link),
    "unresolved": lambda told, link: _incidents(told.unresolved, link),
    "maintenances": lambda told, link: _incidents(told.body["maintenances"], link),
    "upcoming": lambda told, link: _incidents(
        [each for each in told.body["maintenances"] if each["status"] == "scheduled"], link
    ),
    "active": lambda told, link: _incidents(
        [each for each in told.body["maintenances"] if each["status"] == "in_progress"], link
    ),
    "open_maintenances": lambda told, link: _incidents(
        [each for each in told.body["maintenances"] if each["status"] != "completed"], link
    ),
}


@public
def read(request: HttpRequest, parts: Mapping[str, str]) -> HttpResponse:
    """Answer with the page and some of its `parts`, by the name that each has in the answer."""
    told = current.told(now=timezone.now())

    link = partial(whole, request=request)
    page = {
        "id": PAGE_ID,
        "name": PAGE_NAME,
        "url": link(reverse("status:page")),
        "time_zone": settings.TIME_ZONE,
        "updated_at": told.body["changed_at"],
    }
    return as_json({"page": page, **{name: PARTS[part](told, link) for name, part in parts.items()}})
