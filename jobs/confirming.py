"""The broker's word that it took what was published: RabbitMQ's publisher confirms, many in one wait."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary


class NotTaken(Exception):
    """The broker refused a message, as a full queue may."""


class _Confirms:
    """What the broker has said of the messages of one channel, which it numbers from 1."""

    def __init__(self, channel: Any) -> None:
        channel.confirm_select()
        channel.events["basic_ack"].add(self._take)
        channel.events["basic_nack"].add(self._refuse)
        self._published = 0
        self.open: set[int] = set()
        self.refused = 0

    def expect(self, messages: int) -> None:
        first = self._published + 1
        self._published += messages
        self.open.update(range(first, first + messages))

    def _take(self, number: int, and_before: bool) -> None:  # noqa: FBT001 - amqp calls it so
        self.open -= {each for each in self.open if each <= number} if and_before else {number}

    def _refuse(self, number: int, and_before: bool) -> None:  # noqa: FBT001 - as above
        self._take(number, and_before)
        self.refused += 1


_confirms: WeakKeyDictionary[Any, _Confirms] = WeakKeyDictionary()


@contextmanager
def patient(channel: Any, *, seconds: float) -> Iterator[None]:
    """Wait up to `seconds` for each answer on `channel` within the block: RabbitMQ's client has no limit.

    Raises:
        TimeoutError: the broker did not answer in time.
    """
    transport: Any = getattr(channel.connection, "transport", None)
    with transport.having_timeout(seconds) if hasattr(transport, "having_timeout") else nullcontext():
        yield


@contextmanager
def confirmed(channel: Any, *, messages: int, seconds: float) -> Iterator[None]:
    """Publish so many `messages` on `channel` within the block; at its end the broker has taken them all.

    RabbitMQ answers once a message is safe in its queue. Redis and Valkey take a message as they are
    told of it: there the block's end says nothing new. After an error the channel counts wrongly: close its
    connection.

    Raises:
        NotTaken: the broker refused a message.
        TimeoutError: it did not answer in time; it may have taken the messages all the same.
    """
    if not hasattr(channel, "confirm_select"):
        yield
        return
    with patient(channel, seconds=seconds):
        if channel not in _confirms:
            _confirms[channel] = _Confirms(channel)
        confirms = _confirms[channel]
        confirms.expect(messages)
        yield
        deadline = time.monotonic() + seconds
        while confirms.open:
            channel.connection.drain_events(timeout=max(deadline - time.monotonic(), 0.001))
    if confirms.refused:
        message = f"The broker refused {confirms.refused} of {messages} messages."
        raise NotTaken(message)
