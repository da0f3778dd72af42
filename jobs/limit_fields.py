"""Fields of settings that limit something: how much in a second, and how much memory."""

from typing import Any

from jobs.setting_fields import WrongSetting, setting

BURSTS = {"burst": "rate", "bytes_burst": "bytes_rate"}
"""A burst means something only beside its rate."""
LEAST_RATES = {"units": 0.001, "bytes": 10.0}
"""Slower than this is a pause, for which there are holds. Rates are greater."""


def rate_setting(measure: str, *, over: str) -> Any:
    """Make the field of a limit in `measure` a second; `over` says whom it counts together."""
    counted = f"All {measure} of a part are counted when it begins, so for moments more may leave."
    says = f"The most {measure} in a second, {over}. {counted} Empty for no limit."
    least = LEAST_RATES[measure]
    return setting(default=None, says=says, unit=f"{measure} a second", is_optional=True, least=least)


def burst_setting(measure: str) -> Any:
    """Make the field of what a limit in `measure` a second may save."""
    says = f"{measure.capitalize()} that may go at once after a quiet time. Empty for one second's worth."
    return setting(default=None, says=says, unit=measure, is_optional=True)


def megabytes_setting(default: float, *, says: str, least: float) -> Any:
    """Make the field of a most of memory in megabytes, greater than `least`."""
    return setting(default=default, says=says, unit="megabytes", is_optional=True, least=least)


def school_rates_setting(measure: str) -> Any:
    """Make the field of what single schools may take in `measure` a second, by their short names."""
    says = (
        f"Schools that may take more or fewer {measure} in a second here than each school may: one a line, "
    )
    return setting(
        default={},
        says=f"{says}its short name, a colon and the number, or “none” for no limit.",
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
            hint = f"Write {rate} too, or leave this out."
            raise WrongSetting(
                name=f"{path}[{burst!r}]", value=value, unit="a burst without a rate", hint=hint
            )
