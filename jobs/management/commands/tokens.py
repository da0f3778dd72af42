"""`manage.py tokens VERB`: makes, lists and revokes the tokens of schools' own programs."""

from typing import ClassVar

from jobs.management.verbs import tokens
from jobs.management.verbs.command import Verb, VerbCommand


class Command(VerbCommand):
    """Tokens on the command line; staff of a school make theirs at /tokens/."""

    help = "Make, list and revoke the tokens that let schools' own programs use the JSON API."
    verbs: ClassVar[list[Verb]] = tokens.VERBS
