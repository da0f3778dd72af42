"""Templating: Liquid, cut down to what a mail needs, and its errors in plain words.

There is nothing that reads other templates, keeps values or multiplies text, so that what a template
writes is bounded by its own length and by the limits below.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import TextIO, cast

from django.utils.translation import gettext as _
from liquid import BoundTemplate, Environment, RenderContext, StrictUndefined
from liquid.ast import Node
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.filters import misc, string
from liquid.builtin.tags import case_tag, for_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.filter import string_filter
from liquid.static_analysis import TemplateAnalysis
from liquid.stringify import to_liquid_string

from emails.straight import in_address
from jobs.setting_fields import did_you_mean


@string_filter
def url_encode(value: str) -> str:
    """Encode `value` for any place in an address; Liquid's own writes `+` for a blank, wrong in a path."""
    return in_address(value)


MOST_CHARACTERS = 500_000
"""Of a template, and about of what it writes for one recipient."""
MOST_ROUNDS = 1000
"""Of all loops together."""
TAGS = ("if", "unless", "case", "for", "break", "continue")
FILTERS = {
    "append": string.append,
    "capitalize": string.capitalize,
    "default": misc.default,
    "downcase": string.downcase,
    "prepend": string.prepend,
    "remove": string.remove,
    "size": misc.size,
    "slice": string.slice_,
    "strip": string.strip,
    "truncate": string.truncate,
    "upcase": string.upcase,
    "url_encode": url_encode,
}
TAG = re.compile(r"\{%-?\s*(\w*|#)")
ENDS = re.compile(r"end(?:if|unless|case|for)|els(?:e|if)|when")


class WrongTemplate(Exception):
    """A text has a merge field or a tag that cannot be used; the message says which."""


class CannotFill(Exception):
    """A template writes nothing usable for one recipient's values; the message says why."""


class EscapedNode(output.OutputNode):
    """An output whose value is data, even where it looks like HTML."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value escaped."""
        return buffer.write(escape(to_liquid_string(self.expression.evaluate(context), autoescape=False)))


class EscapedOutput(output.Output):
    """Makes such outputs."""

    node_class = EscapedNode


class Cut(Environment):
    """Liquid without includes, assignments and filters that multiply text; for plain text."""

    loop_iteration_limit = MOST_ROUNDS
    output_stream_limit = MOST_CHARACTERS
    context_depth_limit = 8
    block_nesting_limit = 8
    output_tag: type[output.Output] = output.Output

    def __init__(self) -> None:
        """Take no name that is not given."""
        super().__init__(undefined=StrictUndefined)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register what there is; there is no `extra`."""
        assert not extra  # noqa: S101 - we alone make environments
        blocks = (if_tag.IfTag, unless_tag.UnlessTag, case_tag.CaseTag, for_tag.ForTag)
        inner = (for_tag.BreakTag, for_tag.ContinueTag, content.Literal, illegal.Illegal, self.output_tag)
        for tag in (*blocks, *inner):
            self.add_tag(tag)
        for name, does in FILTERS.items():
            self.add_filter(name, does)


class CutForHtml(Cut):
    """The same for HTML: each value is escaped, quotation marks too."""

    output_tag = EscapedOutput


PLAIN, HTML = Cut(), CutForHtml()


def compiled(source: str, *, fields: Iterable[str], is_html: bool = False) -> BoundTemplate:
    """Return the template `source`, which may use `fields` only.

    Raises:
        WrongTemplate: it is no template, or uses what there is not.
    """
    if len(source) > MOST_CHARACTERS:
        message = _("The text is too long: it can have {most_characters:,} characters.").format(
            most_characters=MOST_CHARACTERS
        )
        raise WrongTemplate(message)
    _require_known_tags(source)
    try:
        template = (HTML if is_html else PLAIN).from_string(source)
        used = template.analyze(include_partials=False)
    except LiquidError as error:
        raise WrongTemplate(_sentence(error)) from error
    _require_known(used, source=source, fields=fields)
    return template


def needed(template: BoundTemplate) -> frozenset[str]:
    """Return the fields that leave a gap when they are empty: without a default or a condition."""
    return frozenset(_needed(template.nodes, asked=frozenset()))


def _needed(nodes: Iterable[Node], *, asked: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, output.OutputNode):
            expression = cast("FilteredExpression", node.expression)
            if not any(filter_.name == "default" for filter_ in expression.filters or ()):
                yield from set(_names([expression])) - asked
            continue
        within = asked | set(_names(node.expressions()))
        yield from _needed(node.children(RenderContext(PLAIN.from_string(""))), asked=within)


def _names(expressions: Iterable[Expression]) -> Iterator[str]:
    for expression in expressions:
        if isinstance(expression, Path):
            yield str(expression.path[0])
        yield from _names(expression.children())


def _require_known_tags(source: str) -> None:
    for tag in TAG.finditer(source):
        name = tag[1]
        if name not in TAGS and not ENDS.fullmatch(name):
            near = did_you_mean(name, TAGS)
            message = _("Line {line}: there is no {{% {name} %}} in a mail.{near}").format(
                line=_line(source, tag.start()), name=name, near=near
            )
            raise WrongTemplate(message)


def _require_known(used: TemplateAnalysis, *, source: str, fields: Iterable[str]) -> None:
    for name, spans in used.filters.items():
        if name not in FILTERS:
            near, known = did_you_mean(name, FILTERS), ", ".join(FILTERS)
            where = _line(source, spans[0].index)
            message = _("Line {line}: there is no filter {name!r}.{near} The filters are {known}.").format(
                line=where, name=name, near=near, known=known
            )
            raise WrongTemplate(message)
    for name, variables in used.globals.items():
        if name not in fields or any(len(variable.segments) > 1 for variable in variables):
            written = ".".join(map(str, variables[0].segments))
            raise WrongTemplate(_no_field(written, fields))


def _line(source: str, index: int) -> int:
    return source.count("\n", 0, index) + 1


def _sentence(error: LiquidError) -> str:
    if error.token is None:
        says = _("{message}. A merge field is written as {{{{ first_name }}}}.")
        return says.format(message=error.message)
    says = _("Line {line}: {message}. A merge field is written as {{{{ first_name }}}}.")
    return says.format(line=_line(error.token.source, error.token.start_index), message=error.message)


def _no_field(written: str, fields: Iterable[str]) -> str:
    near = did_you_mean(written.lower().replace(" ", "_"), fields).replace("'", "")
    return _("There is no merge field {{{{ {written} }}}}.{near} The fields are {names}.").format(
        written=written, near=near, names=", ".join(fields)
    )
