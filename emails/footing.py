"""Footing: what stands at the end of a mailing's mails: files to fetch, who wrote, how one unsubscribes."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SAMPLE = gettext_noop("[each recipient's own link]")
"""Stands in previews and test mails where a link will be: nobody's link shall work there."""
END = "</body>"
STYLE = "margin-top: 32px; font-size: 13px; color: #5c6470"
FILES_STYLE = "margin-top: 32px"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """A file that is fetched by a link."""

    label: str
    address: str
    """`SAMPLE` where no recipient is."""


def files_under_text(text: str, *, files: Sequence[FileLine]) -> str:
    """Return `text` with a line for each file below it."""
    lines = "".join(f"{file.label}: {_shown(file.address)}\n" for file in files)
    return f"{text.rstrip()}\n\n{lines}"


def files_under_html(html: str, *, files: Sequence[FileLine]) -> str:
    """Return `html`, a whole page, with a line for each file at its end."""
    before, end, after = html.rpartition(END)
    lines = "<br>\n".join(_file(file) for file in files)
    return f'{before}<p style="{FILES_STYLE}">{lines}</p>\n{end}{after}'


def under_text(text: str, *, school: str, link: str) -> str:
    """Return `text` with the line below it."""
    line = _("This mailing comes from {school}. To unsubscribe: {link}")
    return f"{text.rstrip()}\n\n{line.format(school=school, link=_shown(link))}\n"


def under_html(html: str, *, school: str, link: str) -> str:
    """Return `html`, a whole page, with the line at its end."""
    before, end, after = html.rpartition(END)
    says = escape(_("This mailing comes from {school}.").format(school=school))
    line = f'<p style="{STYLE}">{says} {_unsubscribe(link)}</p>\n'
    return f"{before}{line}{end}{after}"


def _unsubscribe(link: str) -> str:
    if link == SAMPLE:
        return escape(_("Unsubscribe: {link}").format(link=_(SAMPLE)))
    return f'<a href="{escape(link)}" style="color: #5c6470">{escape(_("Unsubscribe"))}</a>'


def _file(file: FileLine) -> str:
    if file.address == SAMPLE:
        return f"{escape(file.label)}: {escape(_(SAMPLE))}"
    return f'{escape(file.label)}: <a href="{escape(file.address)}">{escape(file.address)}</a>'


def _shown(address: str) -> str:
    return _(SAMPLE) if address == SAMPLE else address
