"""Headings as people write them, compared without what does not matter."""

PROBLEM_HEADING = "problem"
"""The heading of the column that an error file adds; a file that has it is read without it."""


def plain(heading: str) -> str:
    """Return the heading without case, spaces and signs: `E-Mail_Address` and `email address` are one."""
    return "".join(sign for sign in heading.casefold() if sign.isalnum())
