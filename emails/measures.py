"""What the mail writer observes: how long the relay takes over a mail, by the weight of its attachments."""

from jobs.language import gettext_lazy
from jobs.tallies import Span

WEIGHTS = ((0, "none"), (1_000_000, "up_to_1_mb"), (5_000_000, "up_to_5_mb"))
HEAVIEST = "over_5_mb"
TOLD = {
    "none": gettext_lazy("The mail relay's time for a mail without attachments"),
    "up_to_1_mb": gettext_lazy("The mail relay's time for a mail with attachments of up to 1 MB"),
    "up_to_5_mb": gettext_lazy("The mail relay's time for a mail with attachments of up to 5 MB"),
    HEAVIEST: gettext_lazy("The mail relay's time for a mail with attachments of more than 5 MB"),
}
"""What an incident's draft calls it, by the label."""


def told(attached: str) -> str:
    """Return what it is called for attachments with this label."""
    return str(TOLD.get(attached, attached))


HANDOVER = Span(
    "switchyard_mail_handover_seconds",
    "How long a mail relay took from the first byte of a mail to its word on it.",
    labels=("attached",),
    bounds=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    told=told,
)


def weight_of(size: int) -> str:
    """Return the label for attachments of so many bytes as they are sent."""
    return next((weight for most, weight in WEIGHTS if size <= most), HEAVIEST)
