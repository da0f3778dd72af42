"""What the forms of packets and of templates send."""

from io import BytesIO
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

NEW = "/packets/new/"


def picture(colour: str = "red") -> bytes:
    """Return a picture."""
    output = BytesIO()
    Image.new("RGB", (90, 30), colour).save(output, "PNG")
    return output.getvalue()


def file(content: bytes | None = None) -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile("our logo.png", picture() if content is None else content)


def filled_in(**changed: Any) -> dict[str, Any]:
    """Return what the form of a template sends."""
    sent = {
        "name": "Career fairs",
        "title": "Fair of {month}, {school}",
        "document_types": ["resume", "transcript"],
        "types_order": "transcript,resume",
        "order": "major",
        "has_cover": "on",
        "cover_text": "Call us.\r\nAny time.",
        "notice": "Do not pass on.",
        "has_contents": "on",
        "number_place": "bottom-right",
        "number_format": "Page {page} of {pages}",
        "output": "all",
        **changed,
    }
    return {name: value for name, value in sent.items() if value is not None}


LAYOUT = {
    "order": "major",
    "has_dividers": False,
    "has_manifest": False,
    "cover_text": "Call us.\nAny time.",
    "notice": "Do not pass on.",
    "number_place": "bottom-right",
    "number_format": "Page {page} of {pages}",
    "output": "all",
}


def packet_of(*students: Any, **changed: Any) -> dict[str, Any]:
    """Return what the form of a packet sends."""
    sent = {
        "form_key": uuid4().hex,
        **filled_in(name=None, title="Spring fair"),
        "students": [student.id for student in students],
        **changed,
    }
    return {name: value for name, value in sent.items() if value is not None}
