"""The pre-flight: everything that is looked at before a mailing is sent, and what was found."""

from collections.abc import Iterator
from dataclasses import dataclass

from emails import recipient_checks, sending
from emails.findings import Finding, Level
from emails.models import Mailing
from emails.recipient_checks import Reached
from jobs.models import StoredFile

LEVELS = tuple(Level)


class Blocked(Exception):
    """The pre-flight found something because of which the mailing cannot be sent; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What was found about a mailing as it would be sent now."""

    count: int
    """Recipients, one for each address."""
    findings: list[Finding]
    """The gravest first."""
    files: list[StoredFile]
    version: str
    """What `sending.send` takes, so that nothing else is sent than what was looked at."""

    @property
    def is_blocked(self) -> bool:
        """Whether something must be changed first."""
        return any(finding.level == Level.BLOCK for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings a person should look at."""
        return sum(finding.level == Level.WARN for finding in self.findings)


def preflight_of(mailing: Mailing) -> Preflight:
    """Look at `mailing` as it would be sent now."""
    reached = _reached(mailing)
    files = mailing.attached_files()
    findings = [*_about_recipients(mailing, reached)]
    return Preflight(
        count=len(reached.recipients),
        findings=sorted(findings, key=lambda finding: LEVELS.index(finding.level)),
        files=files,
        version=mailing.version(files=files),
    )


def require_sendable(mailing: Mailing) -> None:
    """Let nobody send `mailing` while something must be changed first.

    Raises:
        Blocked: so it is.
    """
    for finding in _about_recipients(mailing, _reached(mailing)):
        if finding.level == Level.BLOCK:
            raise Blocked(finding.says)


def _reached(mailing: Mailing) -> Reached:
    matching = sending.matching(mailing)
    return Reached(matching=matching, recipients=sending.one_for_each_address(matching))


def _about_recipients(mailing: Mailing, reached: Reached) -> Iterator[Finding]:
    yield from recipient_checks.check_addresses(reached)
    if reached.recipients:
        yield from recipient_checks.check_text(mailing, reached)
        yield from recipient_checks.check_suppressed(mailing, reached)
        yield from recipient_checks.check_own(mailing, reached)
