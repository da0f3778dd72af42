"""Putting a packet's bytes in the order in which a browser needs them to show the first page at once.

Runs in a child process: qpdf holds all objects, though not the streams, in memory for it.
"""

from pathlib import Path

import pikepdf


def linearise(*, source: str, target: str) -> None:
    """Write the PDF at the path `source` to `target` in that order; streams stay as they are."""
    with pikepdf.open(source) as pdf, Path(target).open("wb") as output:
        pdf.save(
            output,
            linearize=True,
            deterministic_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
