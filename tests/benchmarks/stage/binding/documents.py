"""Documents as students hand them in: set text, text with a photo, and scans; the same ones in every run."""

import json
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import cast

import pikepdf
import typst
from PIL import Image

SEED = 20261129
SET_AT_ONCE = 100
PHOTO, SCAN = (360, 440), (1700, 2200)
"""Pixels; a scan is letter paper at 200 dots an inch."""
TEMPLATE = """
#let people = json(bytes(sys.inputs.people))
#set page(paper: "us-letter", margin: 0.9in)
#set text(font: "Libertinus Serif", size: 10.5pt)
#for (index, person) in people.enumerate() {
  if index > 0 { pagebreak() }
  heading(level: 1, person.name)
  link("mailto:" + person.email, person.email)
  for part in person.parts {
    heading(level: 2, part.title)
    for line in part.lines { list[#line] }
  }
}
"""
WORDS = [
    "led",
    "built",
    "measured",
    "taught",
    "wrote",
    "analysis",
    "laboratory",
    "project",
    "team",
    "results",
    "software",
    "students",
    "research",
    "report",
    "design",
    "customers",
    "budget",
    "schedule",
    "data",
    "model",
    "systems",
    "training",
    "support",
    "events",
    "marketing",
    "finance",
    "biology",
    "chemistry",
    "engineering",
    "community",
    "volunteer",
    "award",
    "dean",
    "honors",
    "internship",
    "summer",
    "assistant",
]


def make_documents(folder: Path, *, count: int) -> list[Path]:
    """Write `count` documents into `folder` and return their paths.

    Of twenty, twelve are set, three have a photo, and five are scans of two to five megabytes.
    """
    chance = Random(SEED)
    paths = []
    for number, text in enumerate(_set_texts(chance, count=count)):
        path, place = folder / f"{number:05d}.pdf", number % 20
        if place < 12:
            path.write_bytes(text)
        elif place < 15:
            _with_photo(text, path, chance)
        else:
            _scan(path, chance)
        paths.append(path)
    return paths


def make_alike(folder: Path, *, count: int) -> list[Path]:
    """Write `count` set documents with the same logo, whose fonts come of the same hand."""
    chance = Random(SEED)
    logo = _jpeg((200, 80), Random(1), quality=90)
    paths = []
    for number, text in enumerate(_set_texts(chance, count=count)):
        path = folder / f"alike-{number:05d}.pdf"
        with pikepdf.open(BytesIO(text)) as pdf:
            _draw(pdf, pdf.pages[0], logo, size=(200, 80), at=(400, 720, 100, 40))
            pdf.save(path, deterministic_id=True)
        paths.append(path)
    return paths


def _set_texts(chance: Random, *, count: int) -> Iterator[bytes]:
    for first in range(0, count, SET_AT_ONCE):
        people = [_person(number, chance) for number in range(first, min(count, first + SET_AT_ONCE))]
        compiler = typst.Compiler(TEMPLATE.encode(), sys_inputs={"people": json.dumps(people)})
        with pikepdf.open(BytesIO(cast("bytes", compiler.compile(format="pdf", timestamp=0)))) as pdf:
            for start, end in pairwise(_starts(pdf)):
                yield _cut(pdf, start, end)


def _starts(pdf: pikepdf.Pdf) -> list[int]:
    """Return the first page of each person, and how many there are."""
    numbers = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}
    with pdf.open_outline() as outline:
        starts = [numbers[cast("pikepdf.Array", item.destination)[0].objgen] for item in outline.root]
    return [*starts, len(pdf.pages)]


def _cut(pdf: pikepdf.Pdf, start: int, end: int) -> bytes:
    piece = BytesIO()
    with pikepdf.new() as single:
        single.pages.extend(pdf.pages[start:end])
        single.save(piece, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return piece.getvalue()


def _person(number: int, chance: Random) -> dict[str, object]:
    parts = [
        {
            "title": chance.choice(WORDS).title(),
            "lines": [
                " ".join(chance.choices(WORDS, k=chance.randint(6, 18))) for _ in range(chance.randint(3, 7))
            ],
        }
        for _ in range(chance.randint(4, 9))
    ]
    return {"name": f"Student {number:05d}", "email": f"s{number}@students.example", "parts": parts}


def _with_photo(text: bytes, path: Path, chance: Random) -> None:
    with pikepdf.open(BytesIO(text)) as pdf:
        photo = _jpeg(PHOTO, chance, quality=92)
        _draw(pdf, pdf.pages[0], photo, size=PHOTO, at=(430, 600, 108, 132))
        pdf.save(path, deterministic_id=True)


def _scan(path: Path, chance: Random) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        _draw(pdf, page, _jpeg(SCAN, chance, quality=chance.randint(55, 88)), size=SCAN, at=(0, 0, 612, 792))
        pdf.save(path, deterministic_id=True)


def _jpeg(size: tuple[int, int], chance: Random, *, quality: int) -> bytes:
    """Return a picture of noise, which is as large as it gets."""
    output = BytesIO()
    noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    noise.save(output, "JPEG", quality=quality)
    return output.getvalue()


def _draw(
    pdf: pikepdf.Pdf, page: pikepdf.Page, jpeg: bytes, *, size: tuple[int, int], at: tuple[int, int, int, int]
) -> None:
    image = pdf.make_stream(
        jpeg,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=size[0],
        Height=size[1],
        ColorSpace=pikepdf.Name.DeviceGray,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    name = page.add_resource(image, pikepdf.Name.XObject)
    left, bottom, wide, high = at
    page.contents_add(f"q {wide} 0 0 {high} {left} {bottom} cm {name} Do Q".encode())
