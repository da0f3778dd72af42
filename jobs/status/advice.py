"""What may follow an incident: sentences from which the writer of its postmortem chooses."""

from collections.abc import Mapping, Sequence

from jobs.language import Words, gettext_lazy
from jobs.status.samples import BROKER, DATABASE, WORKERS

AT_LAST = gettext_lazy("Write here what will be changed, by when.")
NEXT_STEPS: Mapping[str, Sequence[Words]] = {
    BROKER: (
        gettext_lazy("Find out why the message broker did not answer: its log, its memory, its disk."),
        gettext_lazy("Look whether it needs a second node."),
    ),
    WORKERS: (
        gettext_lazy("Find out what ended the workers: the page of workers says how the last ones ended."),
        gettext_lazy("Look whether the supervisor of their host ran, and whether the host had memory left."),
    ),
    DATABASE: (
        gettext_lazy("Find out why the database did not answer: its log, its disk, its memory, its network."),
        gettext_lazy("Look whether it needs a standby that takes over."),
    ),
    "service": (
        gettext_lazy("Ask those who run the service what happened, and whether it may happen again."),
        gettext_lazy("Look whether the limits towards the service fit what it takes."),
    ),
    "lane": (
        gettext_lazy(
            "Look whether the lane had enough workers for what was asked, and whether it may grow by itself."
        ),
        gettext_lazy(
            "Look whether what took longer than usual should have a lane, or a slow companion, of its own."
        ),
        gettext_lazy("Look whether the promise of the lane is one that can be kept."),
    ),
}


def is_unwritten(steps: str) -> bool:
    """Say whether the line that asks for what will be changed is still there."""
    return str(AT_LAST) in " ".join(steps.split())


def next_steps(cause: str) -> str:
    """Return what may follow, for a person to choose from."""
    steps = [*NEXT_STEPS.get(cause.partition(":")[0], ()), AT_LAST]
    return "\n".join(f"- {step}" for step in steps)
