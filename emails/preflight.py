"""The pre-flight: everything that is looked at before a mailing is sent, and what was found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from emails import (
    file_checks,
    own_file_checks,
    policies,
    provider_checks,
    recipient_checks,
    relay_checks,
    unsubscribe_checks,
    weight_checks,
)
from emails.findings import Finding, Level
from emails.models import Mailing
from emails.reaching import Reach, reach_of
from emails.ways import Ways, ways_of
from jobs.models import StoredFile

LEVELS = tuple(Level)


class Blocked(Exception):
    """The pre-flight found something because of which the mailing cannot be sent; the message says what."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What was found about a mailing as it would be sent now."""

    count: int
    """Students who will get it."""
    reach: Reach
    """Who they are, and who else matches and gets none, and why."""
    findings: list[Finding]
    """What is right and wrong, the gravest first."""
    told: list[Finding]
    """What is no problem, but good to know."""
    files: list[StoredFile]
    ways: Ways | None
    """How the files can go, where the sender chooses."""
    as_links: bool
    """How they go otherwise, and what is proposed; told to `sending.send` too."""
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


def preflight_of(mailing: Mailing, *, now: datetime) -> Preflight:
    """Look at `mailing` as it would be sent now."""
    reach = reach_of(mailing)
    files = mailing.attached_files()
    ways = ways_of(mailing, reach, files=files, now=now)
    as_links = policies.goes_as_links(files, school=mailing.school)
    # Where the sender may choose, `require_sendable` looks at what was chosen.
    attached = [] if as_links or ways else files
    attached_bytes = sum(file.size for file in attached)
    found = [
        *_about_recipients(mailing, reach, now=now),
        *file_checks.check_files(mailing, files=files),
        *file_checks.check_types([] if as_links else files),
        *own_file_checks.check_own_files(mailing, reach, attached_bytes=attached_bytes),
        *unsubscribe_checks.check_unsubscribe(),
        *provider_checks.check_provider(mailing, reach, attached_bytes=attached_bytes),
        *provider_checks.check_sender(mailing),
        *_about_relay(mailing, reach, attached=attached, to_choose=files if ways else [], now=now),
    ]
    if ways is None:
        found += weight_checks.check_weight(
            mailing, reach, attached_bytes=attached_bytes, as_links=as_links, now=now
        )
    findings = [finding for finding in found if finding.level != Level.TOLD]
    return Preflight(
        count=len(reach.recipients),
        reach=reach,
        findings=sorted(findings, key=lambda finding: LEVELS.index(finding.level)),
        told=[finding for finding in found if finding.level == Level.TOLD],
        files=files,
        ways=ways,
        as_links=as_links,
        version=mailing.version(files=files),
    )


def require_sendable(mailing: Mailing, reach: Reach, *, attached: Sequence[StoredFile]) -> None:
    """Let nobody send `mailing` while something must be changed first: what `sending.send` requires.

    Its mails have the files `attached`.

    Raises:
        Blocked: so it is.
    """
    now = timezone.now()
    attached_bytes = sum(file.size for file in attached)
    for finding in (
        *_about_recipients(mailing, reach, now=now),
        *own_file_checks.check_own_files(mailing, reach, attached_bytes=attached_bytes),
        *provider_checks.check_provider(mailing, reach, attached_bytes=attached_bytes),
        *relay_checks.check_relay(mailing, reach, attached=attached, now=now),
    ):
        if finding.level == Level.BLOCK:
            raise Blocked(finding.says)


def _about_recipients(mailing: Mailing, reach: Reach, *, now: datetime) -> Iterator[Finding]:
    yield from recipient_checks.check_addresses(reach)
    if reach.addressed:
        yield from recipient_checks.check_text(mailing, reach)
        yield from recipient_checks.check_suppressed(reach)
        yield from recipient_checks.check_lately(mailing, reach, now=now)


def _about_relay(
    mailing: Mailing,
    reach: Reach,
    *,
    attached: Sequence[StoredFile],
    to_choose: Sequence[StoredFile],
    now: datetime,
) -> Iterator[Finding]:
    blocking = list(relay_checks.check_relay(mailing, reach, attached=attached, now=now))
    yield from blocking
    if to_choose and not blocking:
        yield from relay_checks.check_choice(mailing, reach, files=to_choose, now=now)
