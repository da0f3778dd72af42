"""The attachment policy: whether the files of a school's mailings are attached or fetched by links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from emails.models import AttachmentPolicy, AttachmentWay
from emails.settings import mail_settings
from jobs.links import can_link
from jobs.models import Person, School, StoredFile
from jobs.sections import MEGABYTE

KEPT = gettext_noop("Your choice is kept. It holds for mailings that are sent from now on.")
SAME = gettext_noop("Nothing was changed: this is what held before.")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What holds for a school now."""

    way: AttachmentWay
    link_above_megabytes: float
    chosen: AttachmentPolicy | None = None
    """Who of the school chose it and when; None when it is the platform's."""

    def proposes_links(self, size: int) -> bool:
        """Whether files of `size` bytes together go as links, unless a person who may chooses otherwise."""
        return self.way != AttachmentWay.ATTACH and size > self.link_above_megabytes * MEGABYTE


def policy_of(school: School) -> Policy:
    """Return what holds for `school` now: its own choice, or the platform's; one query."""
    chosen: AttachmentPolicy | None = AttachmentPolicy.objects.filter(school=school).first()
    if chosen:
        way = AttachmentWay(chosen.way)
        return Policy(way=way, link_above_megabytes=chosen.link_above_megabytes, chosen=chosen)
    now = mail_settings()
    return Policy(way=AttachmentWay(now.attachment_policy), link_above_megabytes=now.link_above_megabytes)


def goes_as_links(files: Sequence[StoredFile], *, school: School, wanted: bool | None = None) -> bool:
    """Return whether `files` go as links in mailings of `school`; `wanted` counts where the sender chooses.

    They are attached when no links can be made. One query, without files none.
    """
    if not files or not can_link():
        return False
    policy = policy_of(school)
    if policy.way == AttachmentWay.CHOOSE and wanted is not None:
        return wanted
    return policy.proposes_links(sum(file.size for file in files))


def linked_files(files: Sequence[StoredFile], *, school: School) -> Sequence[StoredFile]:
    """Return those of `files` that go as links if nobody chooses otherwise: all or none."""
    return files if goes_as_links(files, school=school) else ()


def choose(
    *, school: School, by: Person, way: AttachmentWay, link_above_megabytes: float, now: datetime
) -> bool:
    """Let this hold for `school` from now on and return whether it is another choice than before."""
    before = policy_of(school)
    if before.chosen and (before.way, before.link_above_megabytes) == (way, link_above_megabytes):
        return False
    AttachmentPolicy.objects.create(
        school=school, way=way, link_above_megabytes=link_above_megabytes, set_by=by, set_at=now
    )
    return True
