"""What each role may do: one table, for pages and commands."""

from enum import StrEnum

from jobs.language import Words
from jobs.language import gettext_lazy as _


class Right(StrEnum):
    """Something that a person may do. Whoever signs in may look at the work of their school."""

    WORK = "work"
    """Draft mailings, start packets and uploads, stop and retry jobs."""
    SEND = "send"
    """Send a mailing to students, their own draft or another's; share packets with employers."""
    PROGRAMS = "programs"
    """Make tokens and webhooks: a program may do all that they allow, sending too."""
    PEOPLE = "people"
    """Invite people, give them roles, let them in no more."""
    AUDIT = "audit"
    """See who did what about people."""
    OPERATE = "operate"
    """See the ops page and Flower, of all schools."""
    SETTINGS = "settings"
    """Change lanes, routes, limits and weights."""


STAFF_RIGHTS = frozenset({Right.WORK, Right.SEND, Right.PROGRAMS})
RIGHTS: dict[str, frozenset[Right]] = {
    "staff": STAFF_RIGHTS,
    "sender": frozenset({Right.WORK}),
    "approver": STAFF_RIGHTS,
    "manager": STAFF_RIGHTS | {Right.PEOPLE, Right.AUDIT},
    "auditor": frozenset({Right.AUDIT}),
    "ops": STAFF_RIGHTS | {Right.OPERATE, Right.AUDIT},
    "admin": frozenset(Right),
}
"""By role. Ops and admins do the work of a school only if they belong to one."""
SAYS: dict[Right, Words] = {
    Right.WORK: _("Your role may look at everything and changes nothing."),
    Right.SEND: _(
        "Your role drafts mailings; somebody with the right to send sends them, and shares packets."
    ),
    Right.PROGRAMS: _("Your role does not include tokens and webhooks of programs."),
    Right.PEOPLE: _("Only administrators invite people and change their roles."),
    Right.AUDIT: _("Only administrators and auditors see what was done about people."),
    Right.OPERATE: _("This page is for the operations team."),
    Right.SETTINGS: _("Only administrators change the settings. You may look at them."),
}
"""What a person without the right is told."""


DOES: dict[Right, Words] = {
    Right.WORK: _("draft mailings, start packets and uploads, and change jobs"),
    Right.SEND: _("send mailings and share packets"),
    Right.PROGRAMS: _("make tokens and webhooks for programs"),
    Right.PEOPLE: _("invite people and change their roles"),
    Right.AUDIT: _("see what was done about people"),
    Right.OPERATE: _("see the pages of operations and Flower"),
    Right.SETTINGS: _("change the settings of the platform"),
}
"""What a person with the right may do, as words after "may"."""


def has(role: str, right: Right) -> bool:
    """Whether the role includes the right; a role that is not known includes none."""
    return right in RIGHTS.get(role, frozenset())
