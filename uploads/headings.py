"""Headings as people write them, compared without what does not matter."""

import hashlib
from collections import Counter
from collections.abc import Sequence

PROBLEM_HEADING = "problem"
"""The heading of the column that an error file adds; a file that has it is read without it."""


def plain(heading: str) -> str:
    """Return the heading without case, spaces and signs: `E-Mail_Address` and `email address` are one."""
    return "".join(sign for sign in heading.casefold() if sign.isalnum())


def keys_of(headings: Sequence[str]) -> list[str]:
    """Return what each column of a file is known by: its plain heading, numbered where it stands again.

    What an error file adds has an empty key.
    """
    keys, seen = [], Counter[str]()
    for heading in headings:
        name = plain(heading)
        seen[name] += 1
        keys.append(
            "" if name == PROBLEM_HEADING else f"{name}#{seen[name]}" if seen[name] > 1 else name or "#"
        )
    return keys


def shape_of(headings: Sequence[str]) -> str:
    """Return the mark of a file's shape: files with the same headings, in any order, have the same."""
    keys = sorted(filter(None, keys_of(headings)))
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()
