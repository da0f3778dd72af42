"""Odd PDFs, made in code: whatever a student's own software may make of a résumé, and what a stranger may."""

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

LETTER = (0, 0, 612, 792)


def fonts() -> Dictionary:
    """Return resources with a font F1."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    return Dictionary(Font=Dictionary(F1=font))


def new(pages: int = 1, *, text: str = "Page", box: tuple[float, ...] = LETTER) -> pikepdf.Pdf:
    """Return a PDF with so many pages that say `text` and their number."""
    pdf = pikepdf.new()
    for number in range(1, pages + 1):
        page = pdf.add_blank_page()
        page.MediaBox = Array(list(box))
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 600 Td ({text} {number}) Tj ET".encode("latin-1"))
        page.Resources = fonts()
    return pdf


def saved(pdf: pikepdf.Pdf, **options: Any) -> bytes:
    """Return the bytes of the PDF."""
    output = BytesIO()
    pdf.save(output, **options)
    return output.getvalue()


def broken_table() -> bytes:
    """The table of objects points nowhere, as after a mail program changed the line ends."""
    content = saved(new(2))
    at = content.rindex(b"startxref")
    return content[:at] + b"startxref\n7\n%%EOF\n"


def junk_around() -> bytes:
    """Bytes of a web form stand before and behind the file."""
    return b"------WebKitFormBoundary\r\n\r\n" + saved(new(2)) + b"\r\n------WebKitFormBoundary--\r\n"


def encrypted() -> bytes:
    """It needs a password."""
    return saved(new(), encryption=pikepdf.Encryption(user="secret", owner="secret"))


def no_pages() -> bytes:
    """It has none."""
    return saved(pikepdf.new())


def turned() -> bytes:
    """Each page is turned in another way; one is cropped."""
    pdf = new(4)
    for page, degrees in zip(pdf.pages, (0, 90, 180, 270), strict=True):
        page.Rotate = degrees
    pdf.pages[1].CropBox = Array([100, 100, 500, 700])
    return saved(pdf)


def huge_boxes() -> bytes:
    """Pages as large as a house, and as small as a stamp, and with corners the wrong way round."""
    pdf = new(3)
    for page, box in zip(pdf.pages, ([0, 0, 14400, 14400], [0, 0, 30, 20], [612, 792, 0, 0]), strict=True):
        page.MediaBox = Array(box)
    return saved(pdf)


def form() -> bytes:
    """A filled form, with scripts."""
    pdf = new()
    shown = pdf.make_stream(
        b"BT /F1 12 Tf 2 5 Td (Filled in) Tj ET",
        Dictionary(
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 200, 20]),
            Resources=fonts(),
        ),
    )
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('evil')"))
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("name"),
            V=String("Filled in"),
            Rect=Array([72, 500, 272, 520]),
            AP=Dictionary(N=shown),
            F=4,
            AA=Dictionary(K=script),
        )
    )
    pdf.pages[0].Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), XFA=pdf.make_stream(b"<xdp/>"))
    pdf.Root.OpenAction = script
    return saved(pdf)


def form_to_draw() -> bytes:
    """A filled form that asks its readers to draw the value."""
    pdf = pikepdf.open(BytesIO(undrawn_form()))
    pdf.Root.AcroForm.NeedAppearances = True
    return saved(pdf)


def undrawn_form() -> bytes:
    """A filled form of which nobody has drawn the value."""
    pdf = new()
    field = pdf.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Tx,
            T=String("name"),
            V=String("Typed in"),
            DA=String("/F1 12 Tf 0 g"),
            Rect=Array([72, 500, 272, 520]),
            F=4,
        )
    )
    pdf.pages[0].Annots = Array([field])
    pdf.Root.AcroForm = Dictionary(Fields=Array([field]), DR=fonts(), DA=String("/F1 12 Tf 0 g"))
    return saved(pdf)


def attachment() -> bytes:
    """Files within the file, one of them behind an icon, and an action that starts a program."""
    pdf = new()
    pdf.attachments["evil.exe"] = b"MZ" * 100
    embedded = pdf.make_stream(b"MZ" * 100, Dictionary(Type=Name.EmbeddedFile))
    icon = Dictionary(
        Type=Name.Annot,
        Subtype=Name.FileAttachment,
        Rect=Array([0, 0, 20, 20]),
        FS=pdf.make_indirect(Dictionary(Type=Name.Filespec, F=String("evil.exe"), EF=Dictionary(F=embedded))),
    )
    launch = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([0, 0, 99, 99]),
        A=Dictionary(S=Name.Launch, F=String("cmd.exe")),
    )
    script = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Link,
        Rect=Array([0, 0, 99, 99]),
        A=Dictionary(S=Name.URI, URI=String("javascript:alert(1)")),
    )
    pdf.pages[0].Annots = Array([icon, launch, script])
    hidden = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert('evil')")))
    pdf.pages[0].Resources["/Properties"] = Dictionary(P0=hidden)
    return saved(pdf)


def deep_tree(depth: int = 90) -> bytes:
    """Each node of the page tree has one node below it, so many times; sizes come from the top."""
    pdf = new()
    page = pdf.pages[0].obj
    del page["/MediaBox"]
    root = pdf.Root.Pages
    root.MediaBox = Array([0, 0, 300, 400])
    above = root
    for _ in range(depth):
        node = pdf.make_indirect(Dictionary(Type=Name.Pages, Count=1, Kids=Array([]), Parent=above))
        above.Kids = Array([node])
        above = node
    above.Kids, page.Parent = Array([page]), above
    return saved(pdf)


def many_pages() -> bytes:
    """More pages than anybody reads."""
    pdf = pikepdf.new()
    for _ in range(10_000):
        pdf.add_blank_page()
    return saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def bomb(megabytes: int = 3000) -> bytes:
    """A stream of objects that unpacks to gigabytes."""
    packer = zlib.compressobj(9)
    head = packer.compress(b"1 0 ") + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = head + block * megabytes + packer.flush()
    objects = [
        b"2 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\n",
        b"3 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream\nendobj\n"
        % (len(data), data),
    ]
    return _with_table(objects, packed={1: (3, 0)}, root=2)


def unbalanced() -> bytes:
    """Content that takes back states which it never kept, keeps others, and turns the page upside down."""
    pdf = new(2)
    for page in pdf.pages:
        before = page.Contents.read_bytes()
        page.Contents = Array(
            [pdf.make_stream(b"Q Q q q 0 1 -1 0 300 0 cm 1 0 0 rg "), pdf.make_stream(before)]
        )
    return saved(pdf)


def endless_links() -> bytes:
    """Bookmarks and names that lead in a circle."""
    pdf = new()
    item = pdf.make_indirect(Dictionary(Title=String("Again")))
    item.Next = item.First = item
    pdf.Root.Outlines = pdf.make_indirect(Dictionary(First=item, Last=item, Count=1))
    names = pdf.make_indirect(Dictionary())
    names.Kids = Array([names])
    pdf.Root.Names = Dictionary(Dests=names)
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), Dest=String("Again"))
    pdf.pages[0].Annots = Array([link])
    return saved(pdf)


def _with_table(objects: list[bytes], *, packed: dict[int, tuple[int, int]], root: int) -> bytes:
    content, entries = b"%PDF-1.7\n", {number: (2, *place) for number, place in packed.items()}
    for each in objects:
        entries[int(each.split(b" ")[0])] = (1, len(content), 0)
        content += each
    size = max(entries) + 2
    entries[size - 1] = (1, len(content), 0)
    rows = [entries.get(number, (0, 0, 0)) for number in range(size)]
    table = b"".join(
        bytes((kind,)) + first.to_bytes(4, "big") + bytes((second,)) for kind, first, second in rows
    )
    return content + (
        b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 1]/Root %d 0 R/Length %d>>\nstream\n%b\nendstream\nendobj\n"
        b"startxref\n%d\n%%%%EOF\n" % (size - 1, size, root, len(table), table, len(content))
    )


USABLE: dict[Callable[[], bytes], int] = {
    broken_table: 2,
    junk_around: 2,
    turned: 4,
    huge_boxes: 3,
    form: 1,
    attachment: 1,
    deep_tree: 1,
    unbalanced: 2,
    endless_links: 1,
}
"""Pages of each that is used."""
