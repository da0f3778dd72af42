"""The posts of a lane's worker processes on this host: one, or more where one process is not enough."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from jobs.adopting import Adopted
from jobs.handover import LanePost, Start


class Places:
    """All posts of a crew. Each lane has the first, at place 0, in any case."""

    def __init__(self, lanes: Sequence[str], *, start: Start) -> None:
        """Make the first post for each of `lanes`."""
        self._start = start
        self.posts = [LanePost(name=lane, start=start) for lane in lanes]

    def of(self, found: Mapping[str, Sequence[Adopted]]) -> list[tuple[LanePost, list[Adopted]]]:
        """Return the posts of the workers `found` by lane, each with its own, in their order."""
        at = defaultdict[LanePost, list[Adopted]](list)
        for first in list(self.posts):
            for worker in found.get(first.name, ()):
                at[self._post(first, worker.place)].append(worker)
        return list(at.items())

    def fit(self, processes: Mapping[str, int]) -> list[LanePost]:
        """Have so many posts for each lane, and return those that were given up; others stay as they are."""
        for first in [post for post in self.posts if post.place == 0]:
            for place in range(processes.get(first.name, 0)):
                self._post(first, place)
        given_up = [
            post for post in self.posts if post.place >= max(1, processes.get(post.name, post.place + 1))
        ]
        self.posts = [post for post in self.posts if post not in given_up]
        return given_up

    def _post(self, first: LanePost, place: int) -> LanePost:
        """Return the post at `place` of the lane of `first`; made, if there is none, for the same pool."""
        there = next((post for post in self.posts if (post.name, post.place) == (first.name, place)), None)
        if there is not None:
            return there
        made = LanePost(name=first.name, start=self._start, place=place)
        made.wanted = first.wanted
        self.posts = [*self.posts, made]
        return made
