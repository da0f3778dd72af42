"""The main navigation: which pages a person is offered, and which of them is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jobs.models import Person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

register = template.Library()

STAFF_PAGES = (
    (_("Home"), "home"),
    (_("Mailings"), "emails:list"),
    (_("Packets"), "packets:list"),
    (_("Uploads"), "uploads:list"),
    (_("Jobs"), "jobs:list"),
)
OPS_PAGES = (
    (_("Home"), "home"),
    (_("Jobs"), "jobs:list"),
    (_("Operations"), "jobs:ops"),
    (_("Incidents"), "incidents:list"),
    (_("Settings"), "jobs:settings"),
    ("Flower", "flower"),
)
PEOPLE_PAGE = (_("People"), "people")
MAILBOX_PAGE = (_("Mailbox"), "mailbox")
PROGRAM_PAGES = ((_("Tokens"), "jobs:tokens"), (_("Webhooks"), "jobs:webhooks"))
"""For the programs of a school: whoever has no school has none."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of the navigation."""

    label: str
    address: str
    is_current: bool
    has_own_tab: bool
    """Whether it opens beside our pages, because it has no way back to them."""


@register.inclusion_tag("navigation.html", takes_context=True)
def navigation(context: Context) -> dict[str, Any]:
    """Show the pages for the role of the person who is signed in; nothing for anyone else."""
    request = context.get("request")
    user = context.get("user")
    if request is None or not isinstance(user, Person):
        return {"entries": []}
    return {
        "entries": entries_for(user, path=request.path),
        "programs": program_entries_for(user, path=request.path),
        "user": user,
        "csrf_token": context.get("csrf_token"),
    }


def entries_for(person: Person, *, path: str) -> list[Entry]:
    """Return the navigation of `person`; current is the longest address that `path` begins with."""
    pages: list[tuple[StrOrPromise, str]] = list(OPS_PAGES if person.sees_operations else STAFF_PAGES)
    if person.sees_audit:
        pages.append(PEOPLE_PAGE)
    if person.sees_operations and settings.MAIL_CATCHER_FOLDER:
        pages.append(MAILBOX_PAGE)
    return _entries(pages, path=path)


def program_entries_for(person: Person, *, path: str) -> list[Entry]:
    """Return the pages about programs of the person's school; none for ops and admins without one."""
    return _entries(PROGRAM_PAGES, path=path) if person.school_id else []


def _entries(pages: "Sequence[tuple[StrOrPromise, str]]", *, path: str) -> list[Entry]:
    addresses = [reverse(name) for _label, name in pages]
    home = reverse("home")
    held = [
        address for address in addresses if path.startswith(address) and (address != home or path == home)
    ]
    current = max(held, key=len, default=None)
    return [
        Entry(label=str(label), address=address, is_current=address == current, has_own_tab=name == "flower")
        for (label, name), address in zip(pages, addresses, strict=True)
    ]
