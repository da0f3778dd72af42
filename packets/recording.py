"""Recording who got a packet: each download and mail, by whom, to whom, when. The record is never changed."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Person, School, StoredFile
from jobs.spreadsheets import made_safe
from packets.disclosing import held_by
from packets.models import Disclosure, DisclosureWay, Packet

HEADINGS = (
    gettext_lazy("When"),
    gettext_lazy("What was done"),
    gettext_lazy("Packet"),
    gettext_lazy("File"),
    gettext_lazy("By"),
    gettext_lazy("Recipient"),
    gettext_lazy("Address"),
    gettext_lazy("SHA-256 of the file"),
)
PLATFORM = gettext_lazy("The platform")


def record(
    way: DisclosureWay,
    *,
    packet: Packet,
    file: StoredFile | None,
    by: str,
    name: str,
    email: str = "",
    now: datetime,
) -> Disclosure:
    """Note that somebody gets `file` of `packet`, or a link to it; None where it was deleted meanwhile."""
    return Disclosure.objects.create(
        school_id=packet.school_id,
        at=now,
        way=way,
        packet_number=packet.pk,
        packet_title=packet.title,
        file_name=file.name if file else "",
        sha256=file.sha256 if file else "",
        by=by,
        name=name,
        email=email,
        students=held_by(packet),
    )


def record_download(
    packet: Packet, file: StoredFile, *, by: Person | None, program: str, now: datetime
) -> None:
    """Note that a person of the school, or a program of theirs, gets a file of `packet`."""
    way = DisclosureWay.BY_PROGRAM if program else DisclosureWay.DOWNLOADED
    name, email = program or (by.name if by else str(PLATFORM)), by.email if by else ""
    giver = _("Program “{program}”").format(program=program) if program else named(by)
    record(way, packet=packet, file=file, by=giver, name=name, email=email, now=now)


def named(person: Person | None) -> str:
    """Return how the record calls a person."""
    return f"{person.name} <{person.email}>" if person else str(PLATFORM)


def recorded(school: School, *, packet: Packet | None = None) -> QuerySet[Disclosure]:
    """Return what is recorded of the school's packets, or of one, newest first."""
    found: QuerySet[Disclosure] = Disclosure.objects.filter(school=school)
    return found.filter(packet_number=packet.pk) if packet else found


def csv_lines(rows: QuerySet[Disclosure], *, school: School) -> Iterator[str]:
    """Return the lines of a CSV file of the record; a mark first, that it is UTF-8."""
    yield "\ufeff" + _line(tuple(map(str, HEADINGS)))
    for row in rows.iterator():
        # A response that streams is written when no time zone is active any more.
        at = timezone.localtime(row.at, school.zone)
        yield _line(
            (
                f"{at:%Y-%m-%d %H:%M:%S}",
                row.get_way_display(),
                row.packet_title,
                row.file_name,
                row.by,
                row.name,
                row.email,
                row.sha256,
            )
        )


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(map(made_safe, cells))
    return text.getvalue()
