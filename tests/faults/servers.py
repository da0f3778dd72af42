"""PostgreSQL and the broker of a fault run: started, killed, and started again with or without their data."""

import shutil
import signal
from pathlib import Path
from typing import Protocol

import psutil
from switchyard.yard.group import Group
from switchyard.yard.ports import free_ports
from switchyard.yard.postgres import Postgres
from switchyard.yard.programs import Child, wait_until_ready
from switchyard.yard.valkey import Valkey

from tests.rabbitmq import RabbitMQ

START_SECONDS = 120
END_SECONDS = 30


def kill_tree(process: psutil.Process) -> None:
    """Kill a process and all that it started, at once."""
    for member in [process, *process.children(recursive=True)]:
        member.kill()


class Database:
    """A PostgreSQL that keeps what it has committed."""

    def __init__(self, *, group: Group, home: Path) -> None:
        """Start it."""
        self._group = group
        self.server = Postgres(home=home, port=free_ports(1)[0])
        self.child = self._start()

    def _start(self) -> Child:
        self.server.prepare()
        child = self._group.start(self.server.program())
        wait_until_ready([child], seconds=START_SECONDS)
        return child

    def restart(self, asked: signal.Signals) -> None:
        """End it with INT (fast: sessions are broken off) or QUIT (immediate: as if killed), and start it."""
        self.child.process.send_signal(asked)
        self.child.wait(timeout=END_SECONDS)
        self.child = self._start()


class Broker(Protocol):
    """What the world needs of a broker."""

    port: int

    def url_through(self, port: int) -> str:
        """Return its address as seen through another port."""

    def kill_and_start(self, *, keeps_data: bool) -> None:
        """Kill it, perhaps with its data, and start it again."""


class ValkeyBroker:
    """Valkey with its append-only file."""

    def __init__(self, *, group: Group, home: Path) -> None:
        """Start it."""
        self._group = group
        self.port = free_ports(1)[0]
        self._server = Valkey(home=home, port=self.port, password="for-tests")
        self._start()

    def _start(self) -> None:
        self._server.prepare()
        self._child = self._group.start(self._server.program())
        wait_until_ready([self._child], seconds=START_SECONDS)

    def url_through(self, port: int) -> str:
        """Return its address as seen through another port."""
        return self._server.url.replace(str(self.port), str(port))

    def kill_and_start(self, *, keeps_data: bool) -> None:
        """Kill it, perhaps with its data, and start it again."""
        self._child.kill()
        self._child.wait()
        if not keeps_data:
            shutil.rmtree(self._server.home)
        self._start()


class RabbitMQBroker:
    """RabbitMQ from Debian's package."""

    def __init__(self, *, group: Group, home: Path) -> None:
        """Start it and Erlang's name server."""
        home.mkdir()
        self._group = group
        self._server = RabbitMQ(home=home)
        self.port = self._server.port
        group.start(self._server.names_program())
        self._start()

    def _start(self) -> None:
        self._child = self._group.start(self._server.program())
        wait_until_ready([self._child], seconds=START_SECONDS)

    def url_through(self, port: int) -> str:
        """Return its address as seen through another port."""
        return self._server.url.replace(str(self.port), str(port))

    def kill_and_start(self, *, keeps_data: bool) -> None:
        """Kill it, perhaps with its data, and start it again."""
        kill_tree(psutil.Process(self._child.pid))
        self._child.wait()
        if not keeps_data:
            shutil.rmtree(self._server.data)
        self._start()


BROKERS: dict[str, type[ValkeyBroker] | type[RabbitMQBroker]] = {
    "valkey": ValkeyBroker,
    "rabbitmq": RabbitMQBroker,
}
