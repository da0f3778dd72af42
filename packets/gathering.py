"""Gathering all that a document's pages draw: objects as texts with holes, with digests."""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf

from packets.pieces import PieceObject, PieceWriter

Id = tuple[int, int]
"""An object's number and generation in the source."""
TOKENS = re.compile(
    rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>|(?<![^\s\[\]<>()/])([1-9][0-9]*) ([0-9]+) R(?![^\s\[\]<>()/])",
    re.DOTALL,
)
"""Strings, which are passed over, and references, as qpdf writes both."""
FORBIDDEN = re.compile(
    rb"/S ?/(?:JavaScript|Launch|SubmitForm|ImportData|GoToE|GoToR|Rendition|Movie|Sound|RichMediaExecute"
    rb"|GoTo3DView)(?![A-Za-z0-9])"
    rb"|/Type ?/(?:Catalog|Pages|Filespec|F|EmbeddedFile|Action|Outlines|Annot)(?![A-Za-z0-9])"
    rb"|/(?:EF|JS|OpenAction|XFA) "
)
"""What no page needs to be drawn: nothing of it comes into a packet, wherever a page leads to it."""
STREAM_KEYS_LEFT_OUT = {"/Length", "/F", "/FFilter", "/FDecodeParms", "/DL"}
"""The length is written anew, and the others would take the data from another file."""
UNPACKED_BYTES = 200
"""A stream that is longer and was not packed is packed."""
MOST_OBJECTS = 200_000


class TooManyObjects(Exception):
    """The pages lead to more objects than a document may have."""


class Lost(Exception):
    """The pages of a repaired document lead to what is not there or cannot be read."""


@dataclass(slots=True)
class _Found:
    text: bytes
    ids: tuple[Id, ...]
    start: int = -1
    length: int = 0
    data_digest: bytes = b""


def gather(
    pdf: pikepdf.Pdf,
    pages: Sequence[pikepdf.Object],
    *,
    slots: Mapping[Id, int],
    writer: PieceWriter,
    is_whole: bool = False,
) -> list[PieceObject]:
    """Return the objects that `pages` lead to, the pages first; the streams go to `writer` as they come.

    `slots` are objects in whose place the packet puts its own. With `is_whole` nothing may be missing.

    Raises:
        Lost: something is missing or cannot be unpacked, and `is_whole` was asked for.
        TooManyObjects: the pages lead to more than `MOST_OBJECTS`.
    """
    found: dict[Id, _Found] = {}
    waiting = [page.objgen for page in reversed(pages)]
    page_ids = set(waiting)
    while waiting:
        own = waiting.pop()
        if own in found or own in slots:
            continue
        if len(found) >= MOST_OBJECTS:
            raise TooManyObjects
        source = pdf.get_object(own)
        if is_whole and not _is_there(source):
            raise Lost
        found[own] = _read(source, writer=writer, is_page=own in page_ids)
        waiting += reversed(found[own].ids)
    in_order = [*dict.fromkeys(page.objgen for page in pages), *(own for own in found if own not in page_ids)]
    places = {own: place for place, own in enumerate(in_order)} | dict(slots)
    objects = [_placed(found[own], places) for own in in_order]
    return list(_with_digests(objects, [found[own].data_digest for own in in_order]))


def _is_there(source: pikepdf.Object | None) -> bool:
    """Say whether the object is there, and its data can be unpacked where we know how to."""
    if not isinstance(source, pikepdf.Stream):
        return isinstance(source, pikepdf.Object)
    try:
        if source.stream_dict.get("/Filter") in {None, pikepdf.Name.FlateDecode}:
            source.get_stream_buffer()
    except pikepdf.PikepdfError:
        return False
    return True


def _read(source: pikepdf.Object, *, writer: PieceWriter, is_page: bool) -> _Found:
    if isinstance(source, pikepdf.Stream):
        return _read_stream(source, writer=writer)
    text, ids = _with_holes(source.unparse(resolved=True))
    if not is_page and FORBIDDEN.search(text):
        return _Found(b"null", ())
    return _Found(text, ids)


def _read_stream(source: pikepdf.Stream, *, writer: PieceWriter) -> _Found:
    keys = {key: value for key, value in source.stream_dict.items() if key not in STREAM_KEYS_LEFT_OUT}
    data: bytes | memoryview = memoryview(source.get_raw_stream_buffer())
    if "/Filter" not in keys and len(data) > UNPACKED_BYTES:
        data = zlib.compress(data)
        keys["/Filter"] = pikepdf.Name.FlateDecode
    text, ids = _with_holes(pikepdf.Dictionary(keys).unparse())
    if FORBIDDEN.search(text):
        return _Found(b"null", ())
    text = text.removesuffix(b">>") + b"/Length %d >>" % len(data)
    start = writer.add_stream(data)
    return _Found(text, ids, start, len(data), hashlib.blake2b(data, digest_size=16).digest())


def _with_holes(text: bytes) -> tuple[bytes, tuple[Id, ...]]:
    """Return the text of an object with `%d 0 R` for each reference, and the ids of these."""
    ids: list[Id] = []

    def hole(token: re.Match[bytes]) -> bytes:
        if token[1] is None:
            return token[0]
        ids.append((int(token[1]), int(token[2])))
        return b"%d 0 R"

    return TOKENS.sub(hole, text.replace(b"%", b"%%")), tuple(ids)


def _placed(found: _Found, places: Mapping[Id, int]) -> PieceObject:
    numbers = tuple(places[own] for own in found.ids)
    return PieceObject(found.text, numbers, start=found.start, length=found.length)


def _with_digests(objects: list[PieceObject], data: list[bytes]) -> Iterator[PieceObject]:
    """Give a digest to each object that leads to no slot and in no circle, from the leaves up."""
    digests: dict[int, bytes] = {}
    for place in _leaves_first(objects):
        each = objects[place]
        parts = [each.text, data[place], *(digests[number] for number in each.numbers)]
        digests[place] = _digest(parts)
    for place, each in enumerate(objects):
        yield replace(each, digest=digests[place].hex()) if place in digests else each


def _leaves_first(objects: Sequence[PieceObject]) -> Iterator[int]:
    leaders: dict[int, list[int]] = {}
    open_ends: dict[int, int] = {}
    for place, each in enumerate(objects):
        leads_to = set(each.numbers)
        open_ends[place] = len(leads_to)
        for number in leads_to:
            leaders.setdefault(number, []).append(place)
    ready = [place for place, count in open_ends.items() if not count]
    while ready:
        place = ready.pop()
        yield place
        for leader in leaders.get(place, ()):
            open_ends[leader] -= 1
            if not open_ends[leader]:
                ready.append(leader)


def _digest(parts: Iterable[bytes]) -> bytes:
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        whole.update(b"%d:" % len(part))
        whole.update(part)
    return whole.digest()
