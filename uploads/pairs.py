"""Working on two items at a time: Polars lets other threads run while it computes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

AT_ONCE = 2


def in_pairs(make: Callable[[Item], Made], items: Iterable[Item]) -> Iterator[Made]:
    """Yield what `make` makes of each item, in their order.

    It runs in threads of their own, so it may not ask the database.
    """
    with ThreadPoolExecutor(AT_ONCE) as threads:
        begun: deque[Future[Made]] = deque()
        for item in items:
            begun.append(threads.submit(make, item))
            if len(begun) == AT_ONCE:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
