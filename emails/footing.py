"""Footing: the line at the end of a mailing's mails that says who wrote, and by which one unsubscribes."""

from html import escape

SAMPLE = "[each recipient's own link]"
"""Stands in previews and test mails where a link will be: nobody's link shall work there."""
END = "</body>"
STYLE = "margin-top: 32px; font-size: 13px; color: #5c6470"


def under_text(text: str, *, school: str, link: str) -> str:
    """Return `text` with the line below it."""
    return f"{text.rstrip()}\n\n{_from(school)} To unsubscribe: {link}\n"


def under_html(html: str, *, school: str, link: str) -> str:
    """Return `html`, a whole page, with the line at its end."""
    before, end, after = html.rpartition(END)
    line = f'<p style="{STYLE}">{escape(_from(school))} {_unsubscribe(link)}</p>\n'
    return f"{before}{line}{end}{after}"


def _from(school: str) -> str:
    return f"This mailing comes from {school}."


def _unsubscribe(link: str) -> str:
    if link == SAMPLE:
        return f"Unsubscribe: {escape(SAMPLE)}"
    return f'<a href="{escape(link)}" style="color: #5c6470">Unsubscribe</a>'
