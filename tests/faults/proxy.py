"""A TCP proxy on loopback that cuts, delays and freezes the connections through it."""

import asyncio
import ctypes
import socket
import struct
import threading
from asyncio.trsock import TransportSocket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from switchyard.yard.ports import LOOPBACK, free_ports

BLOCK_BYTES = 1 << 16
# From Linux's headers: a program of one instruction, which keeps nothing of any packet.
SO_ATTACH_FILTER, BPF_RETURN = 26, 0x06
DOT = b"\r\n.\r\n"


def drop_all(end: TransportSocket) -> None:
    """Let the kernel drop all that comes in at `end` before TCP sees it: nothing is acknowledged any more."""
    program = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RETURN, 0, 0, 0))
    end.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(program)))


class Proxy:
    """Passes connections on to `target`, a port of loopback, until it is told otherwise."""

    def __init__(self, *, target: int) -> None:
        """Listen on a free port, from a thread of its own."""
        self.port = free_ports(1)[0]
        self.delay_seconds = 0.0
        self.dots_to_cut: list[str] = []
        """What to do with the next mails: cut `before` or `after` their final dot."""
        self.cuts = 0
        self.target = target
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._passing: set[asyncio.Transport] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve_to_the_end, LOOPBACK, self.port))

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    def cut(self) -> None:
        """Reset all connections that are open now."""
        self._loop.call_soon_threadsafe(self._abort_all)

    def freeze(self, seconds: float) -> None:
        """Pass nothing on for `seconds`, keep everybody waiting, then reset them all."""
        self._loop.call_soon_threadsafe(self._open.clear)

        def thaw() -> None:
            self._abort_all()
            self._open.set()

        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, thaw)

    def go_silent(self) -> None:
        """Drop every packet that comes, without a word, as a network does that lost its way; for ever."""
        self._call(self._hush())

    def forget(self) -> None:
        """Drop every packet of the connections that are open now, as a firewall that forgot them."""
        self._loop.call_soon_threadsafe(self._forget_all)

    def close(self) -> None:
        """Reset everything and end the thread."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _hush(self) -> None:
        self._open.clear()
        for end in self._server.sockets:
            drop_all(end)
        self._forget_all()

    def _forget_all(self) -> None:
        for transport in self._passing:
            with suppress(OSError):  # this one has ended by itself
                drop_all(transport.get_extra_info("socket"))

    async def _end(self) -> None:
        self._server.close()
        self._abort_all()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def _abort_all(self) -> None:
        for transport in list(self._passing):
            transport.abort()
            self.cuts += 1

    async def _serve_to_the_end(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio complains of a connection whose task was cancelled, as `close` does with all.
        with suppress(asyncio.CancelledError):
            await self._serve(reader, writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        try:
            beyond, onward = await asyncio.open_connection(LOOPBACK, self.target)
        except OSError:
            writer.transport.abort()
            return
        transports = {writer.transport, onward.transport}
        self._passing |= transports
        passage = Passage(self, abort=lambda: [transport.abort() for transport in transports])
        await asyncio.gather(
            self._pump(reader, onward, passage.outward), self._pump(beyond, writer, passage.inward)
        )
        self._passing -= transports

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, edit: Callable[[bytes], bytes]
    ) -> None:
        try:
            while data := await reader.read(BLOCK_BYTES):
                await asyncio.sleep(self.delay_seconds)
                await self._open.wait()
                writer.write(edit(data))
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


class Passage:
    """What one connection carries; knows the final dot of a mail."""

    def __init__(self, proxy: Proxy, *, abort: Callable[[], object]) -> None:
        """Carry everything; `abort` resets both ends."""
        self._proxy = proxy
        self._abort = abort
        self._tail = b""
        self._swallows = False

    def outward(self, data: bytes) -> bytes:
        """Return what is passed on to the server."""
        seen, self._tail = self._tail + data, (self._tail + data)[-len(DOT) + 1 :]
        if not self._proxy.dots_to_cut or DOT not in seen:
            return data
        if self._proxy.dots_to_cut.pop() == "after":
            self._swallows = True
            return data
        self._abort()
        self._proxy.cuts += 1
        return b""

    def inward(self, data: bytes) -> bytes:
        """Return what is passed back; the answer to the final dot may never arrive."""
        if not self._swallows:
            return data
        self._abort()
        self._proxy.cuts += 1
        return b""
