"""Cleaning: HTML that may stand in a mail, with its styles where mail readers find them."""

import re
from dataclasses import dataclass, field

import nh3
from css_inline import CSSInliner, InlineError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.asides import Aside
from emails.templating import WrongTemplate

STYLE = """
h1 { font-size: 24px; line-height: 1.25; } h2 { font-size: 20px; } h3 { font-size: 17px; }
blockquote { margin: 0; padding-left: 14px; border-left: 3px solid #c5cad3; color: #4b5565; }
th, td { text-align: left; padding: 4px 12px 4px 0; }
"""
"""Where the author says nothing else."""
TAGS = (
    "a abbr b big blockquote br caption center code del div em font h1 h2 h3 h4 hr i img li ol p pre s small "
    "span strong sub sup table tbody td tfoot th thead tr u ul"
)
ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "title", "valign"},
    "a": {"href"},
    "font": {"color", "face", "size"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "role", "width"},
    "td": {"bgcolor", "colspan", "height", "rowspan", "width"},
    "th": {"bgcolor", "colspan", "rowspan", "scope", "width"},
}
STYLES = (
    "background-color border border-bottom border-collapse border-color border-left border-radius "
    "border-right border-spacing border-style border-top border-width color display font font-family "
    "font-size font-style font-weight height letter-spacing line-height list-style-type margin margin-bottom "
    "margin-left margin-right margin-top max-width min-width padding padding-bottom padding-left "
    "padding-right padding-top text-align text-decoration text-transform vertical-align white-space width "
    "word-break"
)
WITHOUT_CONTENT = {
    "embed",
    "head",
    "iframe",
    "math",
    "noscript",
    "object",
    "script",
    "style",
    "svg",
    "template",
}
SCHEMES = {"http", "https", "mailto", "tel"}
BEFORE_A_FIELD = re.compile(r"https?://[^/?#]+[/?#]|mailto:|tel:", re.IGNORECASE)
FIELD_LOST = gettext_lazy(
    "The merge field {field} stands where HTML has no place for text. It can stand in texts, in the alt and "
    "title of a picture or a link, and in a link's address after its host."
)


@dataclass(kw_only=True)
class Cleaner:
    """Cleans the HTML around the merge fields that are put `aside`."""

    aside: Aside
    in_links: set[str] = field(default_factory=set)
    """Words of fields that stand in links' addresses."""

    def clean(self, html: str) -> str:
        """Return `html` without anything that could do more than be read, its style sheets inlined.

        Raises:
            WrongTemplate: a merge field stands where it cannot, or a style cannot be read.
        """
        try:
            inlined = CSSInliner(load_remote_stylesheets=False, extra_css=STYLE).inline(html)
        except InlineError as error:
            message = _("A style in the HTML cannot be read: {error}.").format(error=error)
            raise WrongTemplate(message) from error
        cleaned = nh3.clean(
            inlined,
            tags=set(TAGS.split()),
            clean_content_tags=WITHOUT_CONTENT,
            attributes=ATTRIBUTES,
            attribute_filter=self._attribute,
            url_schemes=SCHEMES,
            url_relative="deny",
            filter_style_properties=set(STYLES.split()),
        )
        self._require_all(cleaned)
        return cleaned.strip()

    def _attribute(self, tag: str, name: str, value: str) -> str | None:
        """Take an attribute with a field away where the field could change what the attribute does."""
        words = self.aside.words_in(value)
        if not words or name in {"alt", "title"}:
            return value
        before = value[: value.index(words[0])]
        if (tag, name) != ("a", "href") or not BEFORE_A_FIELD.match(before):
            return None
        self.in_links.update(words)
        return value

    def _require_all(self, cleaned: str) -> None:
        kept = set(self.aside.words_in(cleaned))
        for word, field_ in self.aside.fields.items():
            if word not in kept:
                raise WrongTemplate(FIELD_LOST.format(field=field_))
