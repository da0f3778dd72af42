"""Looking at a password under the limits on guessing, and the one place where a person comes in."""

from datetime import timedelta
from http import HTTPStatus

import structlog
from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _

from emails.code_limits import spoken
from jobs import guessing
from jobs.clients import client_address, network_of
from jobs.models import Person
from switchyard.pages import confirming
from switchyard.pages.doors import SCHOOL_IS_OFF

log = structlog.get_logger()


class TooManyWrong(Exception):
    """Too many wrong passwords were typed; the message says when one is looked at again."""

    def __init__(self, refusal: guessing.TooManyGuesses) -> None:
        """Say how long to wait, and what ends that sooner."""
        self.wait = refusal.wait
        message = _("There were too many wrong passwords. Please try again in {wait}.").format(
            wait=spoken(refusal.wait)
        )
        lifts = _("A new password by “I forgot my password” lifts this at once.")
        super().__init__(message if refusal.guard == guessing.NETWORK else f"{message} {lifts}")


class SchoolIsOff(Exception):
    """The password is right, and the school of whoever has it is switched off; the message says so."""


def person_with(request: HttpRequest, *, email: str, password: str) -> Person | None:
    """Return the person whose address and password these are, if there is one who may sign in.

    Whether their school is on is asked for after that: only they are told that it is not.

    Takes as long for an address that nobody has: Django hashes the password then too.

    Raises:
        TooManyWrong: a limit on guessing is reached; whether the password is right was not looked at.
        SchoolIsOff: they may not sign in as long as their school is off.
    """
    network = network_of(client_address(request))
    try:
        taken = guessing.take_try(email=email, network=network, now=timezone.now())
    except guessing.TooManyGuesses as refusal:
        log.warning("password_guesses_refused", guard=refusal.guard.name)
        raise TooManyWrong(refusal) from refusal
    person = authenticate(request, username=email, password=password)
    if not isinstance(person, Person):
        return None
    taken.give_back()
    if not person.is_let_in:
        raise SchoolIsOff(SCHOOL_IS_OFF)
    return person


def later(answer: HttpResponse, *, wait: timedelta) -> HttpResponse:
    """Make the answer one that says that too much was asked for, and in how many seconds to ask again."""
    answer.status_code = HTTPStatus.TOO_MANY_REQUESTS
    answer["Retry-After"] = str(-(-wait // timedelta(seconds=1)))
    return answer


def enter(request: HttpRequest, *, person: Person, next_address: str) -> HttpResponse:
    """Sign `person` in and go on to `next_address`; who has a second step is asked for that first."""
    home = resolve_url(settings.LOGIN_REDIRECT_URL)
    wanted = confirming.safe_address(request, wanted=next_address, otherwise=home)
    answer = perform_login(request, person, redirect_url=wanted)
    assert isinstance(answer, HttpResponse)  # noqa: S101 - the package ships no types
    return answer
