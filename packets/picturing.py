"""Drawing pages of a PDF as small pictures, in a child process, as whatever draws what others made."""

from collections.abc import Sequence
from pathlib import Path

import pypdfium2

HIGHEST = 1.6
"""How often a picture may be as high as wide: pages that are longer are drawn smaller."""
QUALITY = 82


def draw(*, source: str, folder: str, pages: Sequence[int], width: int) -> None:
    """Draw these pages, from 1, of the PDF at the path `source`; page 3 is `3.webp` in `folder`.

    Pages that the PDF does not have are passed over. A picture is there wholly or not at all.
    """
    pdf = pypdfium2.PdfDocument(source)
    for number in pages:
        if number <= len(pdf):
            page = pdf[number - 1]
            wide, high = page.get_size()
            scale = min(width / wide, width * HIGHEST / high)
            picture = page.render(scale=scale).to_pil()
            page.close()
            path = Path(folder, f"{number}.webp")
            picture.save(path.with_suffix(".part"), "WEBP", quality=QUALITY)
            path.with_suffix(".part").rename(path)
    pdf.close()
