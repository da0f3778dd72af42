"""What stands in braces in a message is given to it, and what is counted has a noun that is translated."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from switchyard.env import ROOT

from jobs.amounts import NOUNS

MAKERS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
COUNTERS = {"count", "counted"}


def modules() -> Iterator[Path]:
    """Yield the platform's modules."""
    for app in ("jobs", "emails", "packets", "uploads", "platform"):
        yield from Path(ROOT, app).rglob("*.py")


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in them, and where it is."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def called(call: ast.expr) -> str:
    """Return the name of what is called."""
    return getattr(call.func, "id", getattr(call.func, "attr", "")) if isinstance(call, ast.Call) else ""


def texts(call: ast.Call) -> list[str]:
    """Return the texts that stand among what is given."""
    return [
        each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]


def named(text: str) -> set[str]:
    """Return the names in the braces of a text."""
    return {name for _, name, _, _ in Formatter().parse(text) if name and not name.isdigit()}


def test_messages_are_given_what_stands_in_their_braces_and_no_more() -> None:
    wrong, seen = {}, 0
    for where, call in calls():
        message = call.func.value if isinstance(call.func, ast.Attribute) else None
        if called(call) == "format" and isinstance(message, ast.Call) and called(message) in MAKERS:
            seen += 1
            given = {keyword.arg for keyword in call.keywords}
            wanted = {name for text in texts(message) for name in named(text)}
            if None not in given and given != wanted:
                wrong[where] = given ^ wanted
    assert seen > 300
    assert wrong == {}


def test_what_is_counted_has_a_noun() -> None:
    nouns = {
        where: texts(call) for where, call in calls() if called(call) in COUNTERS and len(call.args) == 2
    }
    assert len(nouns) > 30
    assert {where: found for where, found in nouns.items() if not {*found} <= {*NOUNS}} == {}
