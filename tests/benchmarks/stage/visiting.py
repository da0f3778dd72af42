"""People who are signed in already."""

from django.conf import settings
from django.test import Client

from jobs.models import Person


def session_of(person: Person) -> str:
    """Sign the person in and return the session's cookie."""
    browser = Client()
    browser.force_login(person)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value
