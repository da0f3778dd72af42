"""Choices of jobs, which are kept as the query of an address, in the words of their filter."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from jobs.forms import id_in
from jobs.models import JobState, Person, School
from jobs.registry import UnknownKind, kind_named

Names = Mapping[int, str]


def in_words(choices: Iterable[str]) -> Sequence[str]:
    """Return each choice in words; schools and people are those of now."""
    queries = [QueryDict(choice) for choice in choices]
    schools = _names(School, {id_in(query.get("school", "")) for query in queries})
    people = _names(Person, {id_in(query.get("submitted_by", "")) for query in queries})
    return [_words(query, schools=schools, people=people) for query in queries]


def _names(model: type[School | Person], ids: set[int | None]) -> Names:
    wanted = [each for each in ids if each is not None]
    return dict(model.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _words(query: QueryDict, *, schools: Names, people: Names) -> str:
    states = dict(JobState.choices)
    told: Mapping[str, Callable[[str], str]] = {
        "text": "“{}”".format,
        "state": lambda state: str(states.get(state, state)),
        "kind": _kind,
        "school": lambda pk: schools.get(id_in(pk) or 0, _("a school that is gone")),
        "submitted_by": lambda pk: _("asked for by {name}").format(
            name=people.get(id_in(pk) or 0, _("somebody"))
        ),
        "since": lambda day: _("from {day}").format(day=day),
        "until": lambda day: _("to {day}").format(day=day),
    }
    return ", ".join(say(str(query[name])) for name, say in told.items() if query.get(name)) or _("All")


def _kind(name: str) -> str:
    try:
        return str(kind_named(name).label)
    except UnknownKind:
        return name
