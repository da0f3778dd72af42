"""Where a person is signed in, and ending that."""

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jobs.models import Person

BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def of_person(request: HttpRequest, person: Person) -> list[UserSession]:
    """Return the person's sessions that still work, newest first; the one of `request` is among them."""
    UserSession.objects.create_from_request(request)  # it may be older than the list
    sessions = UserSession.objects.purge_and_list(person)
    return sorted(sessions, key=lambda session: session.created_at, reverse=True)


def end_one(person: Person, *, pk: int) -> bool:
    """End a session of `person` and return whether there was one."""
    session = UserSession.objects.filter(user=person, pk=pk).first()
    if session is not None:
        session.end()
    return session is not None


def end_others(person: Person, *, kept: str | None) -> int:
    """End all sessions of `person` but the one with the key `kept`; return how many."""
    others = list(UserSession.objects.filter(user=person).exclude(session_key=kept or ""))
    for session in others:
        session.end()
    return len(others)


def spoken_agent(user_agent: str) -> str:
    """Return a browser as people call it, such as "Firefox on Windows"."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), _("A browser"))
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return _("{browser} on {system}").format(browser=browser, system=system) if system else browser
