"""From pydantic's errors to a sentence for each field, which says what to send instead."""

from collections.abc import Mapping, Sequence
from typing import Any

OBJECT, NUMBER = "Send a JSON object here.", "Send a whole number here."
TIME = "Send a time with its zone, as in 2026-10-07T09:30:00Z."
TOO_SHORT, TOO_LONG = "This is too short: {min_length} or more.", "This is too long: up to {max_length}."
SENTENCES = {
    "missing": "This field is missing.",
    "extra_forbidden": "There is no such field; correct its name, or leave it out.",
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "list_type": "Send a list here.",
    "tuple_type": "Send a list here.",
    "string_type": "Send a text here.",
    "string_too_short": TOO_SHORT,
    "string_too_long": TOO_LONG,
    "too_short": TOO_SHORT,
    "too_long": TOO_LONG,
    "bool_type": "Send true or false here.",
    "int_type": NUMBER,
    "int_parsing": NUMBER,
    "int_parsing_size": NUMBER,
    "int_from_float": NUMBER,
    "greater_than_equal": "Send {ge} or more.",
    "less_than_equal": "Send {le} or less.",
    "enum": "Send one of: {expected}.",
    "literal_error": "Send one of: {expected}.",
    "datetime_type": TIME,
    "datetime_parsing": TIME,
    "datetime_from_date_parsing": TIME,
    "datetime_object_invalid": TIME,
    "timezone_aware": TIME,
}
"""By pydantic's type of the error; what is not here is said in pydantic's own words."""


def sentences(errors: Sequence[Mapping[str, Any]], *, within: str = "") -> dict[str, str]:
    """Return pydantic's `errors` by the path of the field, as in `arguments.students.0`."""
    found: dict[str, str] = {}
    for error in errors:
        path = ".".join([within, *map(str, error["loc"])]).strip(".")
        found.setdefault(path, _sentence(error))
    return found


def _sentence(error: Mapping[str, Any]) -> str:
    if error["type"] in SENTENCES:
        return SENTENCES[error["type"]].format_map(error.get("ctx", {}))
    return f"{error['msg'].removeprefix('Value error, ').rstrip('.')}."
