"""Amounts in words: numbers of things, and lengths of time."""

from datetime import timedelta


def count(number: int, noun: str) -> str:
    """Return a number of things: `1 part`, `1,200 parts`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def count_units(number: int, unit: str) -> str:
    """Return a number of a kind's units in words: `1 document`, `1,200 mails`."""
    return f"1 {unit.removesuffix('s')}" if number == 1 else f"{number:,} {unit}"


def length(span: timedelta) -> str:
    """Return a length of time in its largest unit of which there are two or more; a second at least."""
    seconds = max(1, round(span.total_seconds()))
    for unit, unit_seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * unit_seconds:
            return count(round(seconds / unit_seconds), unit)
    return count(seconds, "second")
