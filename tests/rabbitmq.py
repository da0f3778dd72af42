"""RabbitMQ from Debian's package, on ports of its own and with all its data in one folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import kombu
from amqp.exceptions import AMQPError
from switchyard.yard.group import Group
from switchyard.yard.ports import LOOPBACK, free_ports
from switchyard.yard.programs import Program, wait_until_ready

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
EPMD = Path("/usr/bin/epmd")
START_SECONDS = 90


def is_installed() -> bool:
    """Say whether the machine has RabbitMQ."""
    return SERVER.exists() and EPMD.exists()


class RabbitMQ:
    """One RabbitMQ server on loopback with all its data below `home`."""

    def __init__(self, *, home: Path, has_management: bool = False) -> None:
        """Choose its ports; with its management plugin it has an API over HTTP too."""
        self.home = home
        self._has_management = has_management
        self.port, self._distribution_port, self._names_port, self._management_port = free_ports(4)
        self.url = f"amqp://guest:guest@{LOOPBACK}:{self.port}//"

    @property
    def api(self) -> str:
        """The address of its management API, as Flower takes it."""
        return f"http://guest:guest@{LOOPBACK}:{self._management_port}/api/"

    @property
    def data(self) -> Path:
        """The folder of its queues."""
        return self.home / "data"

    def names_program(self) -> Program:
        """Return Erlang's name server, which would outlive RabbitMQ if that started it."""
        command = [str(EPMD), "-port", str(self._names_port), "-address", LOOPBACK]
        return Program(name="epmd", command=command, environment=self._environment(), is_ready=lambda: True)

    def program(self) -> Program:
        """Return the server as a program to start, after its name server."""
        return Program(
            name="rabbitmq",
            command=[str(SERVER)],
            environment=self._environment(),
            is_ready=lambda: _answers(self.url),
        )

    def _environment(self) -> dict[str, str]:
        home = self.home
        conf = f"listeners.tcp.local = {LOOPBACK}:{self.port}\nlog.console = true\n"
        if self._has_management:
            conf += f"management.tcp.ip = {LOOPBACK}\nmanagement.tcp.port = {self._management_port}\n"
        (home / "rabbitmq.conf").write_text(conf)
        plugins = "rabbitmq_management" if self._has_management else ""
        (home / "enabled_plugins").write_text(f"[{plugins}].\n")
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._names_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"tests-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.data),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "config"),
        }


@contextmanager
def running_rabbitmq(*, group: Group, home: Path) -> Iterator[str]:
    """Run a RabbitMQ in the block and give its address, as BROKER_URL takes it."""
    rabbitmq = RabbitMQ(home=home)
    with running(rabbitmq, group=group):
        yield rabbitmq.url


@contextmanager
def running(rabbitmq: RabbitMQ, *, group: Group) -> Iterator[None]:
    """Run `rabbitmq` in the block."""
    names, server = group.start(rabbitmq.names_program()), group.start(rabbitmq.program())
    wait_until_ready([names, server], seconds=START_SECONDS)
    try:
        yield
    finally:
        for child in (server, names):
            child.terminate()
            child.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with kombu.Connection(url, connect_timeout=2) as connection:
            connection.connect()
    except (OSError, AMQPError):
        return False
    return True
