"""What the mail writer observes: how long the relay takes over a mail, by the weight of its attachments."""

from jobs.tallies import Span

HANDOVER = Span(
    "switchyard_mail_handover_seconds",
    "How long a mail relay took from the first byte of a mail to its word on it.",
    labels=("attached",),
    bounds=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    told="The mail relay's time for a mail, attachments: {0}",
)
WEIGHTS = ((0, "none"), (1_000_000, "up_to_1_mb"), (5_000_000, "up_to_5_mb"))
HEAVIEST = "over_5_mb"


def weight_of(size: int) -> str:
    """Return the label for attachments of so many bytes as they are sent."""
    return next((weight for most, weight in WEIGHTS if size <= most), HEAVIEST)
