"""Setting the pages of a packet that are not its documents: cover, contents, dividers, manifest.

Runs in a child process, like normalising, so that the memory of the typesetter goes back with the child.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import typst

from packets.normalising import normalise

TEMPLATE = Path(__file__).with_name("book.typ")
NO_LIMIT = 1 << 30


def typeset(*, part: str, data: Mapping[str, Any], target: str) -> dict[str, Any]:
    """Set a part of the book `data` (see book.typ), write its piece to `target`, and return its `pages`."""
    source = Path(target).with_suffix(".pdf")
    inputs = {"part": part, "data": json.dumps(data)}
    compiler = typst.Compiler(TEMPLATE, sys_inputs=inputs)
    source.write_bytes(cast("bytes", compiler.compile(format="pdf", pdf_tags=False, timestamp=0)))
    try:
        return normalise(source=str(source), target=target, pages=NO_LIMIT, is_ours=True)
    finally:
        source.unlink()
