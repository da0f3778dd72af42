"""`manage.py tokens create|list|revoke`: the tokens of schools' own programs."""

from datetime import datetime
from typing import Any, Self

from django.core.management.base import CommandParser, OutputWrapper

from jobs import tokens
from jobs.api.answer import Answer
from jobs.asking import NothingHere, Refused, WrongArguments
from jobs.management.verbs.command import Options, Verb
from jobs.management.verbs.exits import Exit
from jobs.management.verbs.inputs import moment_after, person_named, require_of_school, school_named
from jobs.management.verbs.outputs import as_text, write_document, write_table
from jobs.models import ApiToken, Scope

HEAD = ("PREFIX", "SCHOOL", "NAME", "SCOPES", "MADE", "LAST USED", "EXPIRES", "REVOKED")
MOST_NAME_CHARACTERS = 100
TAKEN_AS_IT_IS = ("prefix", "name", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at")
"""What is told of a token as its row has it."""


class TokenOut(Answer):
    """A token, without its text."""

    prefix: str
    school: str
    name: str
    scopes: list[str]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None

    token: str | None = None
    """Its text, only when it was made just now: it is not shown again."""

    @classmethod
    def of(cls, row: ApiToken, *, text: str | None = None) -> Self:
        """Describe `row`."""
        told: dict[str, Any] = {name: getattr(row, name) for name in TAKEN_AS_IT_IS}
        return cls(**told, school=row.school.slug, token=text)


class TokensOut(Answer):
    """Tokens, newest first."""

    tokens: list[TokenOut]


def _take_new(parser: CommandParser) -> None:
    parser.add_argument("--school", required=True, metavar="SLUG", help="the school's short name")
    parser.add_argument("--name", required=True, help="which program gets it")
    parser.add_argument(
        "--scopes",
        nargs="+",
        required=True,
        choices=Scope.values,
        metavar="SCOPE",
        help=f"what it may do: {', '.join(Scope.values)}",
    )
    parser.add_argument(
        "--expires", type=moment_after, metavar="TIME", help="ISO 8601, or in how long, as in 90d"
    )
    parser.add_argument("--by", default="", metavar="EMAIL", help="the person in whose name its jobs are")


def _create(options: Options, out: OutputWrapper) -> Exit:
    school, by = school_named(options["school"]), person_named(options["by"])
    require_of_school(by, school=school)
    if not 1 <= len(options["name"]) <= MOST_NAME_CHARACTERS:
        raise WrongArguments({"--name": f"Give 1 to {MOST_NAME_CHARACTERS} characters."})
    scopes = [Scope(scope) for scope in options["scopes"]]
    try:
        token, text = tokens.make(
            school=school, name=options["name"], scopes=scopes, by=by, expires_at=options["expires"]
        )
    except tokens.WrongScope as error:
        raise WrongArguments({"--scopes": str(error)}) from error
    if options["json"]:
        write_document(out, TokenOut.of(token, text=text))
    else:
        out.write(text)
    return Exit.DONE


def _take_school(parser: CommandParser) -> None:
    parser.add_argument("--school", default="", metavar="SLUG", help="only of this school")


def _list(options: Options, out: OutputWrapper) -> Exit:
    found = ApiToken.objects.select_related("school")
    if options["school"]:
        found = found.filter(school=school_named(options["school"]))
    listed = [TokenOut.of(token) for token in found]
    if options["json"]:
        write_document(out, TokensOut(tokens=listed))
    elif listed:
        write_table(out, head=HEAD, rows=[_row(token) for token in listed])
    else:
        out.write("There are no tokens.")
    return Exit.DONE


def _row(token: TokenOut) -> list[object]:
    times = [token.created_at, token.last_used_at, token.expires_at, token.revoked_at]
    return [token.prefix, token.school, token.name, " ".join(token.scopes), *times]


def _take_prefix(parser: CommandParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="the characters after sy_, as `list` shows them")


def _revoke(options: Options, out: OutputWrapper) -> Exit:
    prefix = options["prefix"]
    token = ApiToken.objects.select_related("school").filter(prefix=prefix).first()
    if token is None:
        message = f"There is no token {prefix!r}."
        raise NothingHere(message)
    if not tokens.revoke(token, by=None):
        message = f"The token {prefix} was revoked before."
        raise Refused(message)
    token.refresh_from_db()
    if options["json"]:
        write_document(out, TokenOut.of(token))
    else:
        out.write(
            f"The token {prefix} “{as_text(token.name)}” of {token.school.slug} lets nobody in any more."
        )
    return Exit.DONE


VERBS = [
    Verb(
        name="create",
        help="Make a token and print it. It is not shown again.",
        add_arguments=_take_new,
        run=_create,
    ),
    Verb(name="list", help="List tokens, newest first.", add_arguments=_take_school, run=_list),
    Verb(name="revoke", help="Let nobody in with a token.", add_arguments=_take_prefix, run=_revoke),
]
