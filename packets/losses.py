"""Whether a document that qpdf repaired has all that it had before: held against the file's own text.

qpdf drops what leads nowhere and counts the pages anew, without a word in what it gives. So the text is read
once more: each reference in it must lead to an object that was found, each object must have its end, and the
pages must be as many as the file declares. In doubt something is lost.
"""

import re
from collections.abc import Iterator

import pikepdf

OBJECTS = re.compile(rb"\b\d+\s+\d+\s+obj\b(.*?)(?:\bstream\r?\n|\bendobj\b|\Z)", re.DOTALL)
STRINGS = re.compile(rb"\((?:[^()\\]|\\.)*\)", re.DOTALL)
REFERENCES = re.compile(rb"(?<![\w.])(\d+)\s+(\d+)\s+R\b")
COUNT = re.compile(rb"/Count\s+(\d+)")
NODE = re.compile(rb"/Type\s*/Pages\b")


def is_whole(content: bytes, pdf: pikepdf.Pdf) -> bool:
    """Say whether nothing is lost of the file `content` in `pdf`, its repaired form."""
    texts = [STRINGS.sub(b"", text) for text in (*OBJECTS.findall(content), *_packed(pdf))]
    found = {each.objgen for each in pdf.objects if isinstance(each, pikepdf.Object)}
    wanted = {
        (int(number), int(generation)) for text in texts for number, generation in REFERENCES.findall(text)
    }
    counts = [int(count) for text in texts if NODE.search(text) for count in COUNT.findall(text)]
    begun, ended = len(OBJECTS.findall(content)), len(re.findall(rb"\bendobj\b", content))
    return wanted <= found and begun <= ended and max(counts, default=0) == len(pdf.pages)


def _packed(pdf: pikepdf.Pdf) -> Iterator[bytes]:
    """Yield the texts of objects that are packed into streams."""
    for each in pdf.objects:
        if isinstance(each, pikepdf.Stream) and each.stream_dict.get("/Type") == pikepdf.Name.ObjStm:
            yield bytes(each.get_stream_buffer())
