"""What a part counts in its school's account of a lane: the seconds of one worker that it took, or its like.

Dominant resource fairness (Ghodsi and others, 2011): where work draws on several things, a school's share is
its largest one. A limit lets an amount through in amount / rate seconds, in which all workers of the lane
could have worked: so that time, times the workers, is what a part took of the limit in seconds of one worker.
"""

from collections.abc import Iterable


def counted(*, seconds: float, limited: Iterable[float], workers: float) -> float:
    """Return what a part counts that took `seconds` of one worker, and so many seconds of each limit."""
    return max([seconds, *(span * workers for span in limited)])
