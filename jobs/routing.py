"""Which lane a job takes."""

from jobs.lanes import Lane
from jobs.rules import Example, first_rule
from jobs.settings import switchyard


def lane_for(example: Example) -> Lane:
    """Return the lane that a job such as `example` takes by the rules in force.

    Raises:
        NoRoute: no rule takes it.
    """
    now = switchyard()
    return now.lanes[first_rule(now.routes, example).lane]
