"""What the core's processes observe: waits and runs of parts, how they end, what claims and rings take."""

from jobs.tallies import Count, Span

WAITS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)
RUNS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
CALLS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

PART_WAIT = Span(
    "switchyard_part_wait_seconds",
    "How long parts waited since they could be claimed, when a worker claimed them.",
    labels=("lane", "kind"),
    bounds=WAITS,
)
PART_RUN = Span(
    "switchyard_part_run_seconds",
    "How long a worker was at a part, however that ended.",
    labels=("lane", "kind"),
    bounds=RUNS,
)
PARTS_ENDED = Count(
    "switchyard_parts_ended",
    "Attempts at parts by how they ended: done, failed for good, or one of the ways to be offered again.",
    labels=("lane", "kind", "outcome"),
)
CLAIM = Span(
    "switchyard_claim_seconds",
    "How long a worker's claim took in the database, also one that found nothing.",
    labels=("lane",),
    bounds=CALLS,
)
RING = Span(
    "switchyard_ring_seconds",
    "How long the broker took to take doorbells, or to be given up.",
    labels=("lane",),
    bounds=CALLS,
)
WORKERS_REPLACED = Count(
    "switchyard_workers_replaced",
    "Forked children and workers that were replaced: for the parts they had done, for their memory, or for a "
    "part that wanted more memory than one may take (ceiling).",
    labels=("lane", "process", "reason"),
)
RINGS_FAILED = Count(
    "switchyard_rings_failed",
    "Rings that the broker did not take; the lane is rung again by supervision.",
    labels=("lane",),
)
