"""Keeping schools' logos: checked by their bytes, drawn anew, and shared by templates and packets."""

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from jobs.confinement import Crashed, OutOfBounds
from jobs.files import discard, store
from jobs.models import Person, School, StoredFile
from packets import confined
from packets.logo_picture import NO_PICTURE, TOO_LARGE, Logo
from packets.models import Packet, PacketTemplate

MOST_MEGABYTES = 5


class NoLogo(Exception):
    """The file cannot be a logo; the message is a sentence for the person who chose it."""


def drawn(file: "File[bytes]") -> bytes:
    """Return the picture of the file as a PNG of our own; it is opened in a child process.

    Raises:
        NoLogo: it is no picture, or too large a one.
    """
    with TemporaryDirectory(prefix="logo-") as folder:
        source, target = Path(folder, "source"), Path(folder, "target")
        with source.open("wb") as copy:
            copy.writelines(file.chunks())
        try:
            found = confined.read_logo(source=str(source), target=str(target))
        except OutOfBounds as error:
            raise NoLogo(_(TOO_LARGE)) from error
        except Crashed as error:
            raise NoLogo(_(NO_PICTURE)) from error
        if "reason" in found:
            raise NoLogo(_(found["reason"]))
        return target.read_bytes()


def keep_logo(content: bytes, *, school: School, by: Person | None) -> StoredFile:
    """Keep a picture that `drawn` returned."""
    return store(
        school=school, name="Logo.png", media_type="image/png", content=File(BytesIO(content)), by=by
    )


def logo_of(stored: StoredFile | None) -> Logo | None:
    """Return the logo for a cover, if there is one."""
    if stored is None:
        return None
    with stored.content.open("rb") as file:
        return Logo.of_png(file.read())


@transaction.atomic
def drop_unused(stored: StoredFile | None) -> None:
    """Throw the logo away unless a template or a packet has it."""
    if stored is None:
        return
    StoredFile.objects.select_for_update().filter(pk=stored.pk).first()
    users = (PacketTemplate, Packet)
    if not any(model.objects.filter(logo=stored).exists() for model in users):
        discard(stored)
