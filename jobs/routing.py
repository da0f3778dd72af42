"""Which lane a job takes."""

from jobs.lanes import Lane
from jobs.settings import did_you_mean, switchyard


class NoRoute(Exception):
    """The settings lead this kind to no lane."""


def lane_for(*, kind: str) -> Lane:
    """Return the lane that jobs of `kind` take.

    Raises:
        NoRoute: SWITCHYARD['routes'] does not name the kind.
    """
    now = switchyard()
    try:
        return now.lanes[now.routes[kind]]
    except KeyError:
        message = f"No route for the kind {kind!r}: add it to SWITCHYARD['routes']." + did_you_mean(
            kind, now.routes
        )
        raise NoRoute(message) from None
