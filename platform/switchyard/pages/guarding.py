"""Looking at a password under the limits on guessing, and the one place where a person comes in."""

import structlog
from django.contrib.auth import authenticate, login
from django.http import HttpRequest
from django.utils import timezone

from emails.code_limits import network_of, spoken
from jobs import guessing
from jobs.models import Person
from switchyard.pages.clients import client_address

log = structlog.get_logger()

BACKEND = "django.contrib.auth.backends.ModelBackend"


class TooManyWrong(Exception):
    """Too many wrong passwords were typed; the message says when one is looked at again."""


def person_with(request: HttpRequest, *, email: str, password: str) -> Person | None:
    """Return the person whose address and password these are, if there is one who may sign in.

    Takes as long for an address that nobody has: Django hashes the password then too.

    Raises:
        TooManyWrong: a limit on guessing is reached; whether the password is right was not looked at.
    """
    network = network_of(client_address(request))
    try:
        taken = guessing.take_try(email=email, network=network, now=timezone.now())
    except guessing.TooManyGuesses as refusal:
        log.warning("password_guesses_refused", guard=refusal.guard.name)
        message = f"There were too many wrong passwords. Please try again in {spoken(refusal.wait)}."
        raise TooManyWrong(message) from refusal
    person = authenticate(request, username=email, password=password)
    if not isinstance(person, Person):
        return None
    taken.give_back()
    return person


def enter(request: HttpRequest, *, person: Person) -> None:
    """Sign `person` in, and note that they are known in this network."""
    login(request, person, backend=BACKEND)
    network = network_of(client_address(request))
    guessing.note_familiar(person=person, network=network, now=timezone.now())
