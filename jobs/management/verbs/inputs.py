"""Reading what the command line gives: times, JSON, and the rows that it names."""

import json
import sys
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from jobs.asking import LARGEST_ID, NoSuchLane, NothingHere, WrongArguments
from jobs.lanes import Lane
from jobs.models import Job, Person, School
from jobs.models.people import PLATFORM
from jobs.setting_fields import did_you_mean
from jobs.settings import switchyard

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LONGEST_DAYS = 36_500


def moment_before(text: str) -> datetime:
    """Return a time as an argument gives it: ISO 8601, or how long ago, as in `2h`."""
    span = _span(text)
    return _moment(text) if span is None else timezone.now() - span


def moment_after(text: str) -> datetime:
    """Return a time as an argument gives it: ISO 8601, or in how long, as in `2h`."""
    span = _span(text)
    return _moment(text) if span is None else timezone.now() + span


def moment_or_span(text: str) -> datetime | timedelta:
    """Return a time as `moment_after` does, but a span as it was given, to be counted from the first time."""
    span = _span(text)
    return _moment(text) if span is None else span


def whole_number(text: str) -> int:
    """Return a number from 1 on that fits an id."""
    number = int(text) if text.isascii() and text.isdecimal() else 0
    if not 1 <= number <= LARGEST_ID:
        message = f"{text!r} is no whole number from 1 on"
        raise ArgumentTypeError(message)
    return number


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object that `text` is, or that is in its file (`@name`) or standard input (`-`)."""
    try:
        given = json.loads(_content(text), parse_constant=_no_number)
    except OSError as error:
        message = f"the file {text[1:]} cannot be read: {error.strerror}"
        raise ArgumentTypeError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"this is no JSON: {error}"
        raise ArgumentTypeError(message) from error
    if not isinstance(given, dict):
        message = 'the arguments are one JSON object, such as {"mailing": 7}'
        raise ArgumentTypeError(message)
    return given


def school_named(slug: str) -> School:
    """Return the school with this short name.

    Raises:
        NothingHere: with the one that may be meant.
    """
    if slug == PLATFORM:
        return School.objects.platform()
    school = School.objects.filter(slug=slug).first()
    if school is None:
        near = did_you_mean(slug, list(School.objects.values_list("slug", flat=True)))
        message = f"There is no school {slug!r}.{near}"
        raise NothingHere(message)
    return school


def person_named(email: str) -> Person | None:
    """Return the person with this address; None for no address.

    Raises:
        NothingHere: nobody has it.
    """
    if not email:
        return None
    person: Person | None = Person.objects.filter(email__iexact=email).first()
    if person is None:
        message = f"Nobody has the address {email!r}."
        raise NothingHere(message)
    return person


def job_numbered(pk: int) -> Job:
    """Return the job with this id.

    Raises:
        NothingHere: there is none.
    """
    job: Job | None = Job.objects.select_related("school", "submitted_by", "detour").filter(pk=pk).first()
    if job is None:
        message = f"There is no job {pk}."
        raise NothingHere(message)
    return job


def require_of_school(person: Person | None, *, school: School) -> None:
    """Refuse a person of another school.

    Raises:
        WrongArguments: they may not ask for anything in this school's name.
    """
    if person is not None and person.school_id not in {None, school.pk}:
        raise WrongArguments({"--by": f"{person.email} belongs to another school than {school.slug}."})


def _no_number(name: str) -> None:
    message = f"{name} is no number that JSON knows"
    raise ValueError(message)


def _content(text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    return Path(text[1:]).read_text() if text.startswith("@") else text


def _span(text: str) -> timedelta | None:
    number, unit = text[:-1], text[-1:]
    if unit not in UNITS or not (number.isascii() and number.isdecimal()) or len(number) > len("999999999"):
        return None
    span = timedelta(**{UNITS[unit]: int(number)})
    if span > timedelta(days=LONGEST_DAYS):
        message = f"{text!r} is more than a hundred years"
        raise ArgumentTypeError(message)
    return span


def _moment(text: str) -> datetime:
    try:
        day = parse_date(text)
        moment = datetime.combine(day, datetime.min.time()) if day else parse_datetime(text)
        moment = moment and _aware(moment).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        message = f"{text!r} is no time; write one like 2026-10-07T09:30 or a span like 2h"
        raise ArgumentTypeError(message)
    return moment


def _aware(moment: datetime) -> datetime:
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def lane_named(name: str) -> Lane:
    """Return the lane of the settings in force.

    Raises:
        NoSuchLane: with the one that may be meant.
    """
    lanes = switchyard().lanes
    if name not in lanes:
        hint = did_you_mean(name, lanes)
        message = f"There is no lane {name!r}; there are: {', '.join(lanes)}.{hint}"
        raise NoSuchLane(message)
    return lanes[name]
