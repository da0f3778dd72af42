"""The fields that say how a packet looks, of the form of a packet and that of a template."""

from dataclasses import replace
from itertools import permutations
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from packets.layout import Layout
from packets.look_words import NUMBER_PLACES, ORDERS, OUTPUTS, wrong_number_format
from packets.models import DocumentType

NO_NUMBERS = "none"
SAME_NAMES = (
    "order", "has_cover", "has_contents", "has_dividers", "has_manifest", "number_format", "cover_text",
    "notice", "is_linearised", "output",
)  # fmt: skip
"""Choices of a layout whose fields are called as they are."""
LONGEST_TEXT, LONGEST_FORMAT = 2000, 60


def _orders_of_types() -> list[tuple[str, str]]:
    """Return each order in which a student's documents can stand, with its words."""
    return [
        (
            ",".join(names),
            _(", then ").join([str(DocumentType(names[0]).label), *map(_lower_label, names[1:])]),
        )
        for names in permutations(DocumentType.values)
    ]


def _lower_label(name: str) -> str:
    return str(DocumentType(name).label).lower()


class Chosen(forms.ChoiceField):
    """A choice that always has a value on the page, and that a program may leave out."""

    is_wanted = True


class Format(forms.CharField):
    """A text that is wanted where page numbers are."""

    is_wanted = True


class LookForm(forms.Form):
    """How a packet looks."""

    document_types = forms.MultipleChoiceField(
        label=_("Documents of each student"),
        choices=DocumentType.choices,
        initial=DocumentType.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one type of document.")},
    )
    types_order = Chosen(
        label=_("In this order"),
        choices=_orders_of_types,
        required=False,
        initial=",".join(DocumentType.values),
    )
    order = Chosen(
        label=_("Order of the students"),
        choices=list(ORDERS.items()),
        initial="name",
        required=False,
        help_text=_("By major and by year there is a heading for each in contents and bookmarks."),
    )
    has_cover = forms.BooleanField(label=_("Cover"), required=False, initial=True)
    cover_text = forms.CharField(
        label=_("Text on the cover"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "class": "short"}),
        help_text=_(
            "For example whom to call. {date}, {month}, {year} and {school} become those of the packet."
        ),
    )
    notice = forms.CharField(
        label=_("Notice, on a page of its own"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "class": "short"}),
        help_text=_(
            "For example that these documents may not be passed on; the same words in braces may stand "
            "here. Empty: no such page."
        ),
    )
    has_contents = forms.BooleanField(label=_("Contents, with links"), required=False, initial=True)
    has_dividers = forms.BooleanField(label=_("A page before each student"), required=False, initial=True)
    has_manifest = forms.BooleanField(
        label=_("At the end, a page that says what is missing"), required=False, initial=True
    )
    number_place = Chosen(
        label=_("Page numbers"),
        choices=[*NUMBER_PLACES.items(), (NO_NUMBERS, _("None"))],
        initial="bottom",
        required=False,
    )
    number_format = Format(
        label=_("They read"),
        required=False,
        max_length=LONGEST_FORMAT,
        initial=Layout.number_format,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("{page} becomes the number and {pages} how many there are: “Page {page} of {pages}”."),
    )
    output = Chosen(label=_("What you get"), choices=list(OUTPUTS.items()), required=False, initial="packet")
    has_own_files = forms.BooleanField(
        label=_("Also each student's own PDF, in a ZIP archive for a mailing"),
        required=False,
        help_text=_("Named by the students' numbers, so that a mailing can send each student theirs."),
    )
    is_linearised = forms.BooleanField(
        label=_("Opens fast on the web"),
        required=False,
        help_text=_(
            "Browsers show the first page while the rest is loading. Building takes a little longer."
        ),
    )

    @classmethod
    def initial_of(cls, *, document_types: list[str], has_own_files: bool, layout: Layout) -> dict[str, Any]:
        """Return what the fields show for these choices."""
        rest = [name for name in DocumentType.values if name not in document_types]
        return {
            "document_types": document_types,
            "types_order": ",".join([*document_types, *rest]),
            "has_own_files": has_own_files,
            "number_place": layout.number_place if layout.has_numbers else NO_NUMBERS,
            **{name: getattr(layout, name) for name in SAME_NAMES},
        }

    @classmethod
    def typed_so_far(cls, typed: QueryDict, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return what was typed, right or wrong, to be shown again."""
        names = cls.base_fields.keys() - set(but)
        return {name: cls.base_fields[name].widget.value_from_datadict(typed, {}, name) for name in names}

    def clean(self) -> dict[str, Any]:
        """Hold the format of the numbers against what can be printed.

        A form without it, as programs send, has the usual one.
        """
        cleaned = super().clean() or self.cleaned_data
        has_numbers = cleaned.get("number_place") not in {None, "", NO_NUMBERS}
        if has_numbers and (wrong := wrong_number_format(cleaned.get("number_format", ""))):
            self.add_error("number_format", wrong)
        return cleaned

    @property
    def opens_pages(self) -> bool:
        """Whether something of the pages around the documents is wrong."""
        return not {"cover_text", "notice", "number_place", "number_format", "logo"}.isdisjoint(self.errors)

    @property
    def opens_files(self) -> bool:
        """Whether something of the files is wrong."""
        return "output" in self.errors

    @property
    def look(self) -> dict[str, Any]:
        """The types of documents in their order, whether there are own files, and the layout; once valid."""
        order = (self.cleaned_data["types_order"] or ",".join(DocumentType.values)).split(",")
        return {
            "document_types": sorted(self.cleaned_data["document_types"], key=order.index),
            "has_own_files": self.cleaned_data["has_own_files"],
            "layout": self._layout(),
        }

    def _layout(self) -> Layout:
        chosen = {name: self.cleaned_data[name] for name in SAME_NAMES}
        for name in ("cover_text", "notice"):
            chosen[name] = "\n".join(chosen[name].splitlines())
        layout = Layout(**{name: value for name, value in chosen.items() if value != ""})
        place = self.cleaned_data["number_place"]
        return replace(
            layout,
            has_numbers=place not in {"", NO_NUMBERS},
            number_place=place if place in NUMBER_PLACES else Layout.number_place,
        )
