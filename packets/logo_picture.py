"""A school's logo as a picture: whether a file is one, and how large it stands on a cover.

`read_logo` runs in a child process, as whatever opens a file from outside.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from packets.marking import gettext_noop

WIDEST, HIGHEST = 230.0, 80.0
"""Points on the cover."""
MOST_PIXELS, KEPT_PIXELS = 40_000_000, 1200
"""Of the picture that is handed in, and of a side of the one that is kept."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
NO_PICTURE = gettext_noop("This is no picture that can be read. Choose a PNG or JPEG file.")
TOO_LARGE = gettext_noop("The picture is very large. Choose one of at most 6,000 pixels a side.")


@dataclass(frozen=True, kw_only=True)
class Logo:
    """A logo for a cover."""

    content: bytes
    """A PNG that `read_logo` wrote."""
    width: int
    height: int
    """Pixels."""

    @property
    def points(self) -> tuple[float, float]:
        """How wide and high it stands on the cover, as large as fits."""
        scale = min(WIDEST / self.width, HIGHEST / self.height)
        return round(self.width * scale, 2), round(self.height * scale, 2)

    @classmethod
    def of_png(cls, content: bytes) -> "Logo":
        """Return the logo whose PNG this is; its size stands in its first chunk (PNG, 11.2.1)."""
        width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
        return cls(content=content, width=width, height=height)


def read_logo(*, source: str, target: str) -> dict[str, Any]:
    """Write the picture at the path `source` anew as a PNG to `target`; return a `reason` when it is none.

    Only its pixels come along, none of what else the file holds. What it is tells its bytes, not its name.
    """
    try:
        with Image.open(source, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return {"reason": TOO_LARGE}
            mode = "RGBA" if picture.has_transparency_data else "RGB"
            plain = ImageOps.exif_transpose(picture).convert(mode)
            plain.thumbnail((KEPT_PIXELS, KEPT_PIXELS))
            with Path(target).open("wb") as output:
                plain.save(output, "PNG", optimize=True)
    except Image.DecompressionBombError:
        return {"reason": TOO_LARGE}
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return {"reason": NO_PICTURE}
    return {}
