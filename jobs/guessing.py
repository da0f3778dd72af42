"""Limits on guessing passwords: a try is taken before the password is looked at, given back if it was right.

So it does not matter how many requests come at once. A person's own limit stops guesses from many networks.
It does not hold in networks from which they have signed in, so nobody can lock them out of their office.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.crypto import salted_hmac

from jobs.models import FamiliarNetwork, PasswordTries, Person

FAMILIAR_FOR = timedelta(days=90)
TAKE = """
INSERT INTO jobs_passwordtries AS kept (subject, tries, ends_at) VALUES (%(subject)s, 1, %(ends_at)s)
ON CONFLICT (subject) DO UPDATE SET
    tries = CASE WHEN kept.ends_at <= %(now)s THEN 1 ELSE kept.tries + 1 END,
    ends_at = CASE WHEN kept.ends_at <= %(now)s THEN %(ends_at)s ELSE kept.ends_at END
WHERE kept.ends_at <= %(now)s OR kept.tries < %(most)s
"""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """How many wrong passwords are let through within a window."""

    name: str
    most: int
    within: timedelta


HERE = Guard(name="here", most=5, within=timedelta(minutes=15))
"""For one address from one network."""
PERSON = Guard(name="person", most=30, within=timedelta(hours=1))
"""For one address from all networks where its person has not signed in."""
NETWORK = Guard(name="network", most=100, within=timedelta(minutes=15))
"""For one network and all addresses: a campus may be one."""


RESET = Guard(name="reset", most=3, within=timedelta(hours=1))
"""For mails with a link for a forgotten password, to one address."""
RESET_NETWORK = Guard(name="reset network", most=30, within=timedelta(hours=1))
"""For asking for such mails from one network."""
ONCE = Guard(name="once", most=1, within=timedelta(minutes=5))
"""For a code that lets in once."""
LINK = Guard(name="link", most=5, within=timedelta(minutes=15))
"""For the password of one link, from one network."""
LINK_ANYWHERE = Guard(name="link anywhere", most=50, within=timedelta(hours=1))
"""For the password of one link, from all networks."""


class TooManyGuesses(Exception):
    """No password is looked at now, right or wrong."""

    def __init__(self, *, guard: Guard, wait: timedelta) -> None:
        """Keep which guard refused, and how long it will."""
        self.guard, self.wait = guard, wait
        super().__init__(guard.name)


@dataclass(frozen=True, kw_only=True)
class Try:
    """A try that was taken."""

    subjects: tuple[str, ...]

    def give_back(self) -> None:
        """Give the try back, as the password was right."""
        PasswordTries.objects.filter(subject__in=self.subjects, tries__gt=0).update(tries=F("tries") - 1)


def take_try(*, email: str, network: str, now: datetime) -> Try:
    """Take a try for the address `email`, whether or not anyone has it.

    `network` is a keyed hash; where it is empty, all such requests count as one network.

    Raises:
        TooManyGuesses: a limit is reached; nothing was taken.
    """
    wanted = [(HERE, f"{email} {network}")]
    if not _is_familiar(email=email, network=network, now=now):
        wanted.append((PERSON, email))
    return _take_all([*wanted, (NETWORK, network)], now=now)


def take(guard: Guard, text: str, *, now: datetime) -> None:
    """Take one try of `guard` for `text`, such as an address or a network.

    Raises:
        TooManyGuesses: the limit is reached.
    """
    _take(guard, _subject(guard, text), now=now)


def take_for_link(link: str, *, network: str, now: datetime) -> Try:
    """Take a try at the password of `link`.

    Raises:
        TooManyGuesses: a limit is reached; nothing was taken.
    """
    return _take_all([(LINK, f"{link} {network}"), (LINK_ANYWHERE, link)], now=now)


def use_once(text: str, *, now: datetime) -> bool:
    """Note that the secret `text` was used and return whether this call is the first within minutes."""
    try:
        _take(ONCE, _subject(ONCE, text), now=now)
    except TooManyGuesses:
        return False
    return True


def note_familiar(*, person: Person, network: str, now: datetime) -> None:
    """Note that `person` has signed in from the network."""
    if network:
        FamiliarNetwork.objects.update_or_create(person=person, network=network, defaults={"seen_at": now})


def locked_until(person: Person, *, now: datetime) -> datetime | None:
    """Return until when no password of the person is looked at where they never signed in; None if it is."""
    reached = PasswordTries.objects.filter(
        subject=_subject(PERSON, person.email), tries__gte=PERSON.most, ends_at__gt=now
    )
    return reached.values_list("ends_at", flat=True).first()


def lift(person: Person, *, network: str = "") -> bool:
    """Let passwords of the person be looked at again; return whether any tries were kept.

    That is so everywhere, but for a quarter of an hour not in a network that has reached its own limit:
    only `network`, and those from which the person has signed in, start anew.
    """
    known = FamiliarNetwork.objects.filter(person=person).values_list("network", flat=True)
    here = [_subject(HERE, f"{person.email} {each}") for each in {network, *known}]
    subjects = [_subject(PERSON, person.email), *here]
    kept = PasswordTries.objects.filter(subject__in=subjects, tries__gt=0)
    return bool(kept.delete()[0])


def forgettable(*, now: datetime) -> tuple[QuerySet[PasswordTries], QuerySet[FamiliarNetwork]]:
    """Return what says nothing any more, for pruning."""
    ended = PasswordTries.objects.filter(ends_at__lt=now)
    return ended, FamiliarNetwork.objects.filter(seen_at__lt=now - FAMILIAR_FOR)


def _is_familiar(*, email: str, network: str, now: datetime) -> bool:
    known = FamiliarNetwork.objects.filter(person__email=email, network=network)
    return known.filter(seen_at__gt=now - FAMILIAR_FOR).exists()


def _take_all(wanted: Sequence[tuple[Guard, str]], *, now: datetime) -> Try:
    """Take a try of each guard for its text, or none at all."""
    subjects = [(guard, _subject(guard, text)) for guard, text in wanted]
    with transaction.atomic():
        for guard, subject in subjects:
            _take(guard, subject, now=now)
    return Try(subjects=tuple(subject for _, subject in subjects))


def _take(guard: Guard, subject: str, *, now: datetime) -> None:
    values: dict[str, Any] = {
        "subject": subject,
        "now": now,
        "ends_at": now + guard.within,
        "most": guard.most,
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        if cursor.rowcount:
            return
    ends_at = PasswordTries.objects.values_list("ends_at", flat=True).get(subject=subject)
    raise TooManyGuesses(guard=guard, wait=ends_at - now)


def _subject(guard: Guard, text: str) -> str:
    return salted_hmac("jobs.guessing", f"{guard.name} {text}", algorithm="sha256").hexdigest()
