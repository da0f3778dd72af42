"""ZIP archives that tests hand in."""

import io
import zipfile
from collections.abc import Mapping


def archive(contents: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return one with these files by name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as packed:
        for name, content in contents.items():
            packed.writestr(name, content)
    return made.getvalue()
