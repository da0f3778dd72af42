"""Ports: asked for and taken, or free."""

import socket
from collections.abc import Iterator

import pytest
from switchyard.yard.choices import WrongPort, choose
from switchyard.yard.ports import PortTaken, free_ports, is_free, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEB", "POSTGRES", "VALKEY", "FLOWER", "MAIL"):
        monkeypatch.delenv(f"SWITCHYARD_{name}_PORT", raising=False)
    monkeypatch.setenv("SWITCHYARD_WEB_PORT", str(free_ports(1)[0]))


def test_taken_port_is_told_with_its_variable_and_a_remedy(taken: int) -> None:
    with pytest.raises(PortTaken) as told:
        require_free(taken, variable="SWITCHYARD_WEB_PORT")
    assert str(told.value) == (
        f"Port {taken} is taken by another program. End that program, or choose another port: "
        f"SWITCHYARD_WEB_PORT={taken + 1} make run"
    )


def test_free_ports_differ_and_are_free() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)


@pytest.mark.parametrize("name", ["WEB", "POSTGRES", "VALKEY", "FLOWER", "MAIL"])
def test_each_port_can_be_asked_for(name: str, monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setenv(f"SWITCHYARD_{name}_PORT", str(taken))
    with pytest.raises(PortTaken, match=f"Port {taken} is taken.*SWITCHYARD_{name}_PORT="):
        choose()


@pytest.mark.parametrize("wrong", ["web", "0", "00", "-1", "65536", "80.5", "٨٠"])
def test_port_that_is_none_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHYARD_WEB_PORT", wrong)
    with pytest.raises(WrongPort, match="write a port, from 1 to 65535"):
        choose()


def test_inner_port_zero_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHYARD_MAIL_PORT", "0")
    with pytest.raises(WrongPort, match="SWITCHYARD_MAIL_PORT is '0'; write a port, from 1 to 65535"):
        choose()


def test_two_that_ask_for_the_same_port_are_both_named(monkeypatch: pytest.MonkeyPatch) -> None:
    port = str(free_ports(1)[0])
    monkeypatch.setenv("SWITCHYARD_FLOWER_PORT", port)
    monkeypatch.setenv("SWITCHYARD_WEB_PORT", port)
    with pytest.raises(WrongPort) as told:
        choose()
    assert f"SWITCHYARD_WEB_PORT and SWITCHYARD_FLOWER_PORT are both {port}" in str(told.value)


def test_web_that_takes_its_default_may_clash_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SWITCHYARD_WEB_PORT")
    monkeypatch.setenv("SWITCHYARD_MAIL_PORT", "8000")
    with pytest.raises(WrongPort, match="SWITCHYARD_WEB_PORT and SWITCHYARD_MAIL_PORT are both 8000"):
        choose()


def test_inner_ports_that_nobody_asks_for_are_any_free_ones() -> None:
    chosen = choose()
    inner = {chosen.postgres_port, chosen.valkey_port, chosen.flower_port, chosen.mail_port}
    assert len(inner) == 4
    assert chosen.home == f"http://localhost:{chosen.web_port}/"


def test_servers_given_from_outside_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://else.example/db")
    monkeypatch.setenv("BROKER_URL", "amqp://else.example//")
    chosen = choose()
    assert chosen.database_url == "postgresql://else.example/db"
    assert chosen.broker_url == "amqp://else.example//"
