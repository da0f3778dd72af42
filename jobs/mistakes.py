"""From pydantic's errors to sentences for each field: what to send instead, and what the value was."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.language import either
from jobs.setting_fields import did_you_mean

OBJECT, NUMBER = gettext_lazy("Send a JSON object here."), gettext_lazy("Send a whole number here.")
TIME = gettext_lazy("Send a time with its zone, as in 2026-10-07T09:30:00Z.")
MISSING, UNKNOWN = "missing", "extra_forbidden"
OURS = "value_error"
"""What a check of ours says: a sentence already."""
LISTED = re.compile(", | or ")
"""Between the words that pydantic lists."""
MOST_CHARACTERS = 60
"""Of a value that a sentence quotes."""
TOO_SHORT, TOO_LONG = (
    gettext_lazy("This is too short: {min_length} or more."),
    gettext_lazy("This is too long: up to {max_length}."),
)
SENTENCES = {
    MISSING: gettext_lazy("This field is missing."),
    UNKNOWN: gettext_lazy("There is no such field; correct its name, or leave it out."),
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "list_type": gettext_lazy("Send a list here."),
    "tuple_type": gettext_lazy("Send a list here."),
    "string_type": gettext_lazy("Send a text here."),
    "string_too_short": TOO_SHORT,
    "string_too_long": TOO_LONG,
    "too_short": TOO_SHORT,
    "too_long": TOO_LONG,
    "bool_type": gettext_lazy("Send true or false here."),
    "int_type": NUMBER,
    "int_parsing": NUMBER,
    "int_parsing_size": NUMBER,
    "int_from_float": NUMBER,
    "greater_than_equal": gettext_lazy("Send {ge} or more."),
    "less_than_equal": gettext_lazy("Send {le} or less."),
    "enum": gettext_lazy("Send one of: {expected}."),
    "literal_error": gettext_lazy("Send one of: {expected}."),
    "datetime_type": TIME,
    "datetime_parsing": TIME,
    "datetime_from_date_parsing": TIME,
    "datetime_object_invalid": TIME,
    "timezone_aware": TIME,
}
"""By pydantic's type of the error; what is not here is said in pydantic's own words."""


def sentences(
    errors: Sequence[Mapping[str, Any]], *, within: str = "", known: Iterable[str] = ()
) -> dict[str, str]:
    """Return pydantic's `errors` by the path of the field, as in `arguments.students.0`.

    Where one of the outermost fields is unknown, those that are `known` are offered.
    """
    found: dict[str, str] = {}
    for error in errors:
        path = ".".join([within, *map(str, error["loc"])]).strip(".")
        is_offered = error["type"] == UNKNOWN and len(error["loc"]) == 1
        offer = _offer(str(error["loc"][0]), known=list(known)) if is_offered else ""
        found.setdefault(path, f"{_sentence(error)}{_quote(error)}{offer}")
    return found


def _sentence(error: Mapping[str, Any]) -> str:
    context = dict(error.get("ctx", {}))
    if error["type"] == OURS:
        return str(context["error"])
    if error["type"] not in SENTENCES:
        return f"{error['msg'].rstrip('.')}."
    if "expected" in context:
        context["expected"] = either(LISTED.split(context["expected"]))
    return SENTENCES[error["type"]].format_map(context)


def _quote(error: Mapping[str, Any]) -> str:
    """Return what the value was, as JSON; nothing where there was none."""
    if error["type"] == MISSING or "input" not in error:
        return ""
    value = json.dumps(error["input"], ensure_ascii=False, default=repr, skipkeys=True)
    shown = "".join(one if one.isprintable() else " " for one in value[:MOST_CHARACTERS])
    words = _("Its value was {value}.").format(value=f"{shown}{'…' * (len(value) > MOST_CHARACTERS)}")
    return f" {words}"


def _offer(name: str, *, known: list[str]) -> str:
    """Return the nearest of the `known` names, else all."""
    return (
        did_you_mean(name, known)
        or f" {_('There are: {names}.').format(names=', '.join(known) or _('none'))}"
    )
