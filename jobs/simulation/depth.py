"""What waits in a simulated lane and what was done lately, counted as `jobs.loads` does."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable

from jobs.simulation.arrivals import Piece
from jobs.usefulness import LATELY_SECONDS, MOST_DONE, Amount, Key


class Depth:
    """The pieces in a line, by school and outside service."""

    def __init__(self, *, part_seconds: float) -> None:
        """Begin empty; a piece is taken to take `part_seconds`."""
        self._part_seconds = part_seconds
        self._since: defaultdict[Key, OrderedDict[int, float]] = defaultdict(OrderedDict)
        """By each piece's number since when it waits: the first is the oldest."""
        self._amounts: defaultdict[Key, Amount] = defaultdict(Amount)

    def join(self, key: Key, number: int, piece: Piece, *, now: float) -> None:
        """Count a piece that waits from `now` on."""
        self._since[key][number] = now
        self._amounts[key].add(seconds=self._part_seconds, units=piece.units, bytes_=piece.bytes)

    def leave(self, key: Key, number: int, piece: Piece) -> None:
        """Count it no more."""
        since, amount = self._since[key], self._amounts[key]
        del since[number]
        amount.add(parts=-1, seconds=self._part_seconds, units=piece.units, bytes_=piece.bytes)
        if not since:
            del self._since[key], self._amounts[key]

    def claimable(self, is_open: Callable[[Key], bool], *, now: float) -> tuple[dict[Key, Amount], float]:
        """Return what waits and may start, and for how many seconds the oldest of it has waited."""
        found = {key: self._amounts[key] for key in self._since if is_open(key)}
        oldest_at = min((next(iter(self._since[key].values())) for key in found), default=now)
        return found, now - oldest_at


class Lately:
    """What was done lately, by outside service."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._pieces = deque[tuple[float, Piece]]()
        self._amounts: defaultdict[str, Amount] = defaultdict(Amount)

    def add(self, piece: Piece, *, now: float) -> None:
        """Note that `piece` was done."""
        self._pieces.append((now, piece))
        self._amounts[piece.service].add(seconds=piece.seconds, units=piece.units, bytes_=piece.bytes)
        if len(self._pieces) > MOST_DONE:
            self._forget_oldest()

    def amounts(self, *, now: float) -> dict[str, Amount]:
        """Return what there is, by service."""
        while self._pieces and self._pieces[0][0] < now - LATELY_SECONDS:
            self._forget_oldest()
        return {service: amount for service, amount in self._amounts.items() if amount.parts}

    def _forget_oldest(self) -> None:
        _, piece = self._pieces.popleft()
        amount = self._amounts[piece.service]
        amount.add(parts=-1, seconds=piece.seconds, units=piece.units, bytes_=piece.bytes)
        if not amount.parts:
            amount.seconds = 0.0  # what rounding left
