"""Writing the bookmarks and the named places of a packet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from packets.pdf_file import PdfFile, pdf_string
from packets.pieces import Bookmark


@dataclass(kw_only=True)
class Mark:
    """One bookmark of the packet; those below it are folded away."""

    title: str
    page: int
    """Number of the page's object."""
    view: str = "/Fit"
    below: list["Mark"] = field(default_factory=list)


def marks_of(bookmarks: Iterable[Bookmark], pages: Sequence[int]) -> list[Mark]:
    """Return a document's own bookmarks; its pages have the numbers `pages` in the packet."""
    return [
        Mark(title=each.title, page=pages[each.page], view=each.view, below=marks_of(each.below, pages))
        for each in bookmarks
    ]


def write_marks(file: PdfFile, marks: Sequence[Mark]) -> int:
    """Write the outline of `marks` and return its number."""
    root = file.reserve()
    first, last = _write_level(file, marks, parent=root)
    file.put(root, b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count %d>>" % (first, last, len(marks)))
    return root


def write_places(file: PdfFile, places: Mapping[str, int]) -> int:
    """Write the tree of names by which links lead to pages, by their objects' numbers; return its number."""
    names = b"".join(
        b"(%b)[%d 0 R/Fit]" % (name.encode("ascii"), page)
        for name, page in sorted(places.items(), key=lambda each: each[0].encode("ascii"))
    )
    return file.add(b"<</Names[%b]>>" % names)


def _write_level(file: PdfFile, marks: Sequence[Mark], *, parent: int) -> tuple[int, int]:
    numbers = [file.reserve() for _ in marks]
    for at, (number, mark) in enumerate(zip(numbers, marks, strict=True)):
        text = b"<</Title%b/Parent %d 0 R/Dest[%d 0 R%b]" % (
            pdf_string(mark.title),
            parent,
            mark.page,
            mark.view.encode("ascii"),
        )
        if at:
            text += b"/Prev %d 0 R" % numbers[at - 1]
        if at + 1 < len(numbers):
            text += b"/Next %d 0 R" % numbers[at + 1]
        if mark.below:
            first, last = _write_level(file, mark.below, parent=number)
            text += b"/First %d 0 R/Last %d 0 R/Count %d" % (first, last, -len(mark.below))
        file.put(number, text + b">>")
    return numbers[0], numbers[-1]
