"""Writing ODS workbooks, as few parts as the reader asks for; by OASIS' OpenDocument 1.3, part 3."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
HEAD = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {NAMESPACES} office:version="1.3">'
    "<office:body><office:spreadsheet>"
)
TAIL = "</office:spreadsheet></office:body></office:document-content>"
Value = str | int
Rows = Iterable[Sequence[Value]]


def ods(sheets: Mapping[str, Rows], *, blank_rows: int = 0) -> bytes:
    """Return a workbook with these sheets; each ends with so many blank rows, as programs write them."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest/>')
        with archive.open("content.xml", "w", force_zip64=True) as part:
            part.write(HEAD.encode())
            for name, rows in sheets.items():
                part.writelines(_sheet(name, rows, blank_rows=blank_rows))
            part.write(TAIL.encode())
    return output.getvalue()


def _sheet(name: str, rows: Rows, *, blank_rows: int) -> Iterator[bytes]:
    yield f"<table:table table:name={quoteattr(name)}><table:table-column/>".encode()
    for row in rows:
        yield f"<table:table-row>{''.join(map(_cell, row))}</table:table-row>".encode()
    if blank_rows:
        yield f'<table:table-row table:number-rows-repeated="{blank_rows}"/>'.encode()
    yield b"</table:table>"


def _cell(value: Value) -> str:
    kind = "string" if isinstance(value, str) else "float"
    given = "" if isinstance(value, str) else f' office:value="{value}"'
    return (
        f'<table:table-cell office:value-type="{kind}"{given}><text:p>{escape(str(value))}</text:p>'
        "</table:table-cell>"
    )
