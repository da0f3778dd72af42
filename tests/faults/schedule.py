"""What is done to the platform and when: drawn from a seed, so that it can be done again."""

from dataclasses import dataclass
from random import Random

PLATFORM = ("child", "worker", "worker_asked", "worker_frozen", "supervisor", "web")
SERVERS = ("broker_kept", "broker_lost", "postgres_fast", "postgres_immediate")
NETWORK = (
    "mail_before_dot",
    "mail_after_dot",
    "mail_delayed",
    "mail_frozen",
    "broker_cut",
    "broker_frozen",
    "broker_forgotten",
    "postgres_cut",
    "postgres_frozen",
    "postgres_forgotten",
)
RECEIVER = ("webhooks_unanswered", "webhooks_refused", "webhooks_hung")
ALL = (*PLATFORM, *SERVERS, *NETWORK, *RECEIVER)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault."""

    at_seconds: float
    """Seconds after the load began."""
    kind: str
    """One of `ALL`."""
    chance: float
    """Chooses the victim, from 0 to 1."""


def draw(*, seed: int, seconds: float, rounds: int, kinds: tuple[str, ...] = ALL) -> list[Fault]:
    """Return faults spread over `seconds`: each of `kinds` once a round, in an order of its own."""
    random = Random(f"faults-{seed}")
    order = [kind for _ in range(rounds) for kind in random.sample(kinds, len(kinds))]
    step = seconds / len(order)
    return [
        Fault(
            at_seconds=round(step * (place + random.uniform(0.1, 0.9)), 2), kind=kind, chance=random.random()
        )
        for place, kind in enumerate(order)
    ]
