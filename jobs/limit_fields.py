"""Fields of settings that limit something: how much in a second, and how much memory."""

from typing import Any

from jobs.language import Words, format_lazy, gettext
from jobs.language import gettext_lazy as _
from jobs.setting_fields import WrongSetting, setting

BURSTS = {"burst": "rate", "bytes_burst": "bytes_rate"}
"""A burst means something only beside its rate."""
LEAST_RATES = {"units": 0.001, "bytes": 10.0}
"""Slower than this is a pause, for which there are holds. Rates are greater."""
COUNTED = {
    "units": _(
        "All units of a part are counted when it begins, so for moments more may leave. Empty for no limit."
    ),
    "bytes": _(
        "All bytes of a part are counted when it begins, so for moments more may leave. Empty for no limit."
    ),
}
"""What is told of each limit, by what it counts."""
SAVED = {
    "units": _("Units that may go at once after a quiet time. Empty for one second's worth."),
    "bytes": _("Bytes that may go at once after a quiet time. Empty for one second's worth."),
}
"""What is told of each burst, by what it counts."""
OF_SOME = {
    "units": format_lazy(
        _(
            "Schools that may take more or fewer units in a second here than each school may: one a line, "
            "its short name, a colon and the number, or “{none}” for no limit."
        ),
        none=_("none"),
    ),
    "bytes": format_lazy(
        _(
            "Schools that may take more or fewer bytes in a second here than each school may: one a line, "
            "its short name, a colon and the number, or “{none}” for no limit."
        ),
        none=_("none"),
    ),
}
"""What is told of the limits of single schools, by what they count."""


def rate_setting(measure: str, *, says: Words) -> Any:
    """Make the field of a limit in `measure` a second; `says` tells whom it counts together."""
    return setting(
        default=None,
        says=format_lazy("{} {}", says, COUNTED[measure]),
        unit=f"{measure} a second",
        is_optional=True,
        least=LEAST_RATES[measure],
    )


def burst_setting(measure: str) -> Any:
    """Make the field of what a limit in `measure` a second may save."""
    return setting(default=None, says=SAVED[measure], unit=measure, is_optional=True)


def megabytes_setting(default: float, *, says: Words, least: float) -> Any:
    """Make the field of a most of memory in megabytes, greater than `least`."""
    return setting(default=default, says=says, unit="megabytes", is_optional=True, least=least)


def school_rates_setting(measure: str) -> Any:
    """Make the field of what single schools may take in `measure` a second, by their short names."""
    return setting(
        default={},
        says=OF_SOME[measure],
        unit=f"{measure} a second",
        least=LEAST_RATES[measure],
        kind=dict,
    )


def require_rates(limited: Any, *, path: str) -> None:
    """Refuse a burst without a rate: it would have no effect.

    Raises:
        WrongSetting: by name, value and unit.
    """
    for burst, rate in BURSTS.items():
        value = getattr(limited, burst)
        if value is not None and getattr(limited, rate) is None:
            hint = gettext("Write {rate} too, or leave this out.").format(rate=rate)
            raise WrongSetting(
                name=f"{path}[{burst!r}]", value=value, unit="a burst without a rate", hint=hint
            )
