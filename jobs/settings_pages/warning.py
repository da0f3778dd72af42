"""What a value does that may stand but seems to do something else, as a sentence beside its field."""

from collections.abc import Mapping
from typing import Any

from jobs.templatetags.setting_words import number

LEAST_BURST = 1
A_MINUTE = 60


def warnings_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return by name what is to be said of the settings of one lane, service or section."""
    told = {
        "school_workers": _no_cap(values, "school_workers", of="no school can have more parts at work"),
        "service_workers": _no_cap(values, "service_workers", of="no more parts can go to one service"),
        "burst": _no_burst(values),
        "rate": _sign_ins(values, "rate", of=""),
        "school_rate": _sign_ins(values, "school_rate", of=" of each school"),
    }
    return {name: sentence for name, sentence in told.items() if sentence}


def _no_cap(values: Mapping[str, Any], name: str, *, of: str) -> str:
    cap, most = values.get(name), values.get("most_workers") or values.get("workers")
    if cap is None or most is None or cap <= most:
        return ""
    return f"It has no effect while the lane has {number(most)} workers at most: {of}."


def _no_burst(values: Mapping[str, Any]) -> str:
    burst = values.get("burst")
    if burst is None or burst >= LEAST_BURST:
        return ""
    return "Less than one unit saves nothing: each part waits until the one before it is paid off."


def _sign_ins(values: Mapping[str, Any], name: str, *, of: str) -> str:
    rate = values.get(name)
    if rate is None or not values.get("is_vital"):
        return ""
    people = number(round(rate * A_MINUTE, 1))
    return f"Then {people} people a minute{of} can sign in, and everybody else waits."
