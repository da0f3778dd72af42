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


@contextmanager
def running_rabbitmq(*, group: Group, home: Path) -> Iterator[str]:
    """Run a RabbitMQ in the block and give its address, as BROKER_URL takes it."""
    port, distribution_port, names_port = free_ports(3)
    environment = _environment(
        home=home, port=port, distribution_port=distribution_port, names_port=names_port
    )
    url = f"amqp://guest:guest@{LOOPBACK}:{port}//"
    # Erlang's name server would outlive RabbitMQ if that started it.
    names = group.start(
        Program(
            name="epmd",
            command=[str(EPMD), "-port", str(names_port), "-address", LOOPBACK],
            environment=environment,
            is_ready=lambda: True,
        )
    )
    server = group.start(
        Program(
            name="rabbitmq", command=[str(SERVER)], environment=environment, is_ready=lambda: _answers(url)
        )
    )
    wait_until_ready([names, server], seconds=START_SECONDS)
    try:
        yield url
    finally:
        for child in (server, names):
            child.terminate()
            child.wait(timeout=30)


def _environment(*, home: Path, port: int, distribution_port: int, names_port: int) -> dict[str, str]:
    (home / "rabbitmq.conf").write_text(f"listeners.tcp.local = {LOOPBACK}:{port}\nlog.console = true\n")
    (home / "enabled_plugins").write_text("[].\n")
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "ERL_EPMD_PORT": str(names_port),
        "ERL_EPMD_ADDRESS": LOOPBACK,
        "RABBITMQ_NODENAME": f"tests-{port}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(home / "data"),
        "RABBITMQ_LOG_BASE": str(home / "log"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(home / "config"),
    }


def _answers(url: str) -> bool:
    try:
        with kombu.Connection(url, connect_timeout=2) as connection:
            connection.connect()
    except (OSError, AMQPError):
        return False
    return True
