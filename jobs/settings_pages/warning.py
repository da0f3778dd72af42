"""What a value does that may stand but seems to do something else, as a sentence beside its field."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.amounts import count
from jobs.language import Words
from jobs.templatetags.setting_words import number

LEAST_BURST = 1
A_MINUTE = 60
NO_SCHOOL = gettext_lazy(
    "It has no effect while the lane has {workers} at most: no school can have more parts at work."
)
NO_SERVICE = gettext_lazy(
    "It has no effect while the lane has {workers} at most: no more parts can go to one service."
)
SIGN_INS = gettext_lazy("Then {people} people a minute can sign in, and everybody else waits.")
SIGN_INS_OF_EACH = gettext_lazy(
    "Then {people} people a minute of each school can sign in, and everybody else waits."
)


def warnings_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return by name what is to be said of the settings of one lane, service or section."""
    told = {
        "school_workers": _no_cap(values, "school_workers", says=NO_SCHOOL),
        "service_workers": _no_cap(values, "service_workers", says=NO_SERVICE),
        "burst": _no_burst(values),
        "rate": _sign_ins(values, "rate", says=SIGN_INS),
        "school_rate": _sign_ins(values, "school_rate", says=SIGN_INS_OF_EACH),
    }
    return {name: sentence for name, sentence in told.items() if sentence}


def _no_cap(values: Mapping[str, Any], name: str, *, says: Words) -> str:
    cap, most = values.get(name), values.get("most_workers") or values.get("workers")
    if cap is None or most is None or cap <= most:
        return ""
    return says.format(workers=count(most, "worker"))


def _no_burst(values: Mapping[str, Any]) -> str:
    burst = values.get("burst")
    if burst is None or burst >= LEAST_BURST:
        return ""
    return _("Less than one unit saves nothing: each part waits until the one before it is paid off.")


def _sign_ins(values: Mapping[str, Any], name: str, *, says: Words) -> str:
    rate = values.get(name)
    if rate is None or not values.get("is_vital"):
        return ""
    return says.format(people=number(round(rate * A_MINUTE, 1)))
