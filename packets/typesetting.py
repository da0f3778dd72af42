"""Setting the pages of a packet that are not its documents: cover, contents, dividers, notes.

Runs in a child process, like normalising, so that the memory of the typesetter goes back with the child.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import typst

from packets.normalising import normalise

TEMPLATE = Path(__file__).with_name("book.typ")
FONTS = typst.Fonts(include_system_fonts=True)
"""Found once, in the process that forks the children."""
NO_LIMIT = 1 << 30


def typeset(*, parts: Sequence[Mapping[str, Any]]) -> list[int]:
    """Set each of the parts of a book, write their pieces, and return how many pages each has.

    A part has its name as `part`, its `data` (see book.typ), and as `target` the path of its piece.
    """
    os.environ.setdefault(
        "RAYON_NUM_THREADS", "1"
    )  # the typesetter's own threads gain nothing in small books
    return [_set(**part) for part in parts]


def _set(*, part: str, data: Mapping[str, Any], target: str) -> int:
    source = Path(target).with_suffix(".pdf")
    inputs = {"part": part, "data": json.dumps(data)}
    compiler = typst.Compiler(TEMPLATE, root="/", sys_inputs=inputs, font_paths=FONTS)
    source.write_bytes(cast("bytes", compiler.compile(format="pdf", pdf_tags=False, timestamp=0)))
    made = normalise(source=str(source), target=target, pages=NO_LIMIT, is_ours=True)
    source.unlink()
    return int(made["pages"])
