"""Looking at what people hand in before it is used: its content by its first bytes, and for viruses.

Viruses are looked for where CLAMAV_ADDRESS names a scanner. While that does not answer, files are refused and
never let through: they wait with whoever has them, who is told so, and no page or worker waits with them.
"""

from contextlib import AbstractContextManager, suppress
from datetime import datetime
from typing import IO, TYPE_CHECKING, cast

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from jobs import clamd, people
from jobs.breakers import ServiceClosed, Visit, guarding
from jobs.models import Breaker, Person, School
from jobs.signatures import NotTaken, require_content

if TYPE_CHECKING:
    from django.core.files.base import File

log = structlog.get_logger()

SERVICE, CALLED = "scanner", gettext_lazy("the virus scanner")
SILENT = gettext_lazy("The virus scanner does not answer, so that no files are taken.")
LONGEST_PAUSE_SECONDS = 30.0
"""Somebody waits with a file: it is asked again soon, however long it was away."""
PING_SECONDS = 2.0


class Infected(NotTaken):
    """The scanner found something in the file."""

    def __init__(self, name: str, *, found: str) -> None:
        """Say so of the file called `name`."""
        super().__init__(
            gettext(
                "“{name}” was not taken: the virus scanner found {found} in it. Do not open it, and tell "
                "your IT department where it comes from."
            ).format(name=name, found=found)
        )


class NotScanned(NotTaken):
    """Nobody knows whether something is in the file: it may be taken later."""


def require_sound(file: "File[bytes]", *, name: str, school: School, by: Person | None) -> None:
    """Look whether `file`, which `by` hands in, is what its `name` says, and no virus is found in it.

    Call it outside of transactions: what is learned of the scanner is kept.

    Raises:
        NotTaken: a sentence says why; the file must not be used.
    """
    require_content(file, name=name)
    require_clean(file, name=name, school=school, by=by)


def require_clean(file: "File[bytes]", *, name: str, school: School, by: Person | None) -> None:
    """Look whether a virus is found in `file`; nothing is done without a scanner. As `require_sound`.

    Raises:
        Infected: there is one.
        NotScanned: the scanner does not answer, or takes no file of this size.
    """
    if not settings.CLAMAV_ADDRESS:
        return
    file.seek(0)
    try:
        with _asked() as visit:
            found = _scan(file, name=name, visit=visit)
    except ServiceClosed as error:
        raise _away(name) from error
    finally:
        file.seek(0)
    if found:
        _note(name, found=found, school=school, by=by, now=timezone.now())
        raise Infected(name, found=found)


def look_after_scanner(*, now: datetime) -> None:  # noqa: ARG001 - rounds give it
    """Ask the scanner whether it is there, so that ops know before anybody hands in a file."""
    if not settings.CLAMAV_ADDRESS:
        return
    with suppress(ServiceClosed), _asked() as visit:
        try:
            with visit.asking():
                clamd.ping(address=settings.CLAMAV_ADDRESS, seconds=PING_SECONDS)
        except clamd.NoAnswer:
            visit.failed(str(SILENT), now=timezone.now())
        else:
            visit.worked()


def remarks() -> list[str]:
    """Return what ops are told of the scanner while it does not answer."""
    address = settings.CLAMAV_ADDRESS
    failed = Breaker.objects.filter(name=_service(), failures__gt=0) if address else Breaker.objects.none()
    return [
        gettext("{silent} It is looked for at {address}.").format(silent=SILENT, address=address)
        for _ in failed
    ]


def guards(breaker: Breaker) -> bool:
    """Whether it is the breaker of the scanner: no part waits for it, and `remarks` tell of it."""
    return breaker.name.startswith(f"{SERVICE}:")


def _asked() -> AbstractContextManager[Visit]:
    pause = LONGEST_PAUSE_SECONDS
    return guarding(_service(), now=timezone.now(), longest_pause_seconds=pause, called=str(CALLED))


def _service() -> str:
    return f"{SERVICE}:{settings.CLAMAV_ADDRESS}"


def _scan(file: "File[bytes]", *, name: str, visit: Visit) -> str:
    at, seconds = settings.CLAMAV_ADDRESS, settings.CLAMAV_SECONDS
    try:
        with visit.asking():
            found = clamd.scan(cast("IO[bytes]", file), address=at, seconds=seconds)
    except clamd.TooLargeToScan as error:
        visit.worked()
        message = gettext(
            "“{name}” was not taken: the virus scanner takes no file of this size. Make it smaller."
        ).format(name=name)
        raise NotScanned(message) from error
    except clamd.NoAnswer as error:
        visit.failed(str(SILENT), now=timezone.now())
        log.warning("scanner_silent", reason=str(error)[:200])
        raise _away(name) from error
    visit.worked()
    return found


def _away(name: str) -> NotScanned:
    return NotScanned(
        gettext(
            "“{name}” was not taken: the virus scanner does not answer, and no file is taken unseen. "
            "Operations are told of it. Please try again in some minutes."
        ).format(name=name)
    )


def _note(name: str, *, found: str, school: School, by: Person | None, now: datetime) -> None:
    """Note the file for the audit of the school; who it is from, if that is known."""
    log.warning("infected_file_refused", school=school.pk, found=found)
    if by is not None:
        people.note(
            about=by,
            by=by,
            what=gettext("handed in “{name}”, refused for {found}").format(name=name, found=found),
            now=now,
        )
