"""A mailing that turns slow is moved aside: a relay's line gets narrow while large mails are on their way.

First the platform learns what large and plain mails cost at a wide line. Then a school's large mailing goes
out; when a part of it is done, the line gets narrow, so that each of its mails takes many times as long, and
another school sends a plain mailing in the same lane. It is measured when the large one is moved to the slow
lane, how long the plain one takes beside what it takes alone, and, when the line is wide again, when the
large one is moved back. `BENCH_SLOW_MAILS` sets its mails; with `BENCH_SLOW_BACK=0` the run ends before that.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.stage.replay.world import World, running_world

MAILS = int(os.environ.get("BENCH_SLOW_MAILS", "8000"))
GOES_BACK = os.environ.get("BENCH_SLOW_BACK", "1") == "1"
LEARNED_MAILS, PLAIN_MAILS = 200, 50
LEARNED_MAILINGS = 6
"""Plain ones, from which it is learned what the files of the large ones cost."""
MEGABYTES = 1
ANSWER_SECONDS = 0.02
TIMES = 30
"""The line gets so narrow that a large mail takes so many times as long as it was learned to take."""
LANES = ("bulk", "bulk-slow")
LOOK_SECONDS = 0.1
LIMIT_SECONDS = 300


class Slow:
    """The schools and their mailings."""

    def __init__(self, world: World) -> None:
        """Make the schools."""
        from tests.benchmarks.stage.replay import loads, people  # noqa: PLC0415  (Django is set up by now)

        self._world, self._loads = world, loads
        self._large = people.make_office("large", students=MAILS)
        self._learning = people.make_office("learning", students=LEARNED_MAILS)
        self._plain = people.make_office("plain", students=PLAIN_MAILS)
        self._files = [people.make_attachment(office, megabytes=MEGABYTES) for office in self._offices()]

    def _offices(self) -> list[Any]:
        return [self._large, self._learning]

    def run(self) -> dict[str, Any]:
        """Return what was measured."""
        alone = self._learn()
        large = self._loads.mailing(self._large, attached=self._files[:1])
        self._wait(lambda: self._mails_of(large) > MAILS * 0.1)
        turned = time.time()
        self._world.outside(bytes_per_second=self._narrow())
        plain = self._loads.mailing(self._plain)
        moved = self._event(large, "moved aside")
        self._wait(lambda: self._has_ended(plain))
        found = {
            "times_slower": self._times(large),
            "seconds_to_move": round(moved.at.timestamp() - turned, 1),
            "why": moved.why,
            "plain_alone_seconds": round(alone, 1),
            "plain_beside_seconds": round(took(plain), 1),
            "plain_after_the_move_seconds": round(plain.ended_at.timestamp() - moved.at.timestamp(), 1),
        }
        self._world.outside(bytes_per_second=0)
        if GOES_BACK:
            widened = time.time()
            found["seconds_to_return"] = round(self._event(large, "moved back").at.timestamp() - widened, 1)
        self._wait(lambda: self._has_ended(large))
        return found | self._outcome(large)

    def _learn(self) -> float:
        """Let the platform learn both prices, and return how long the plain mailing takes alone."""
        from jobs.models import Cost  # noqa: PLC0415  (Django is set up by now)

        first = [
            self._loads.mailing(self._learning, attached=self._files[1:]),
            *(self._loads.mailing(self._plain) for _ in range(LEARNED_MAILINGS)),
        ]
        self._wait(lambda: all(self._has_ended(job) for job in first))
        plain = self._loads.mailing(self._plain)
        self._wait(lambda: self._has_ended(plain))
        self._wait(Cost.objects.filter(kind="emails.mailing", units__gte=LEARNED_MAILS).exists)
        return took(plain)

    def _narrow(self) -> float:
        """Return the bytes a second at which all workers' large mails take `TIMES` as long as usual."""
        from jobs.models import Cost  # noqa: PLC0415  (Django is set up by now)

        cost = Cost.objects.get(kind="emails.mailing")
        usual_seconds = cost.unit_seconds + cost.megabyte_seconds * MEGABYTES
        bytes_at_once = self._world.slots_of(LANES[:1]) * MEGABYTES * (1 << 20) * 4 / 3
        return bytes_at_once / (TIMES * usual_seconds)

    def _mails_of(self, job: Any) -> int:
        from emails.models import Recipient  # noqa: PLC0415  (Django is set up by now)

        return Recipient.objects.filter(mailing__job=job, state="accepted").count()

    def _times(self, job: Any) -> float:
        return round(float(job.pace.times), 1)

    def _event(self, job: Any, what: str) -> Any:
        self._wait(job.events.filter(what=what).exists)
        return job.events.get(what=what)

    def _has_ended(self, job: Any) -> bool:
        job.refresh_from_db()
        return bool(job.has_ended)

    def _outcome(self, job: Any) -> dict[str, Any]:
        from emails.models import Recipient  # noqa: PLC0415  (Django is set up by now)

        states = Recipient.objects.filter(mailing__job=job).values_list("state", flat=True)
        return {"state": job.state, "accepted": list(states).count("accepted"), "mails": MAILS}

    def _wait(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                message = f"It did not come true within {LIMIT_SECONDS} seconds."
                raise TimeoutError(message)
            time.sleep(LOOK_SECONDS)


def took(job: Any) -> float:
    """Return the seconds from the asking to the end."""
    return float((job.ended_at - job.created_at).total_seconds())


def main() -> None:
    """Run all and print one line of JSON last."""
    with running_world() as world:
        world.prepare()
        slow = Slow(world)
        world.outside(delay_seconds=ANSWER_SECONDS)
        world.start_ours(LANES)
        figures = slow.run()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
