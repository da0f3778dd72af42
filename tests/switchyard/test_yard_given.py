"""Servers given from outside."""

import pytest
from switchyard.yard.given import ServerAway, require_servers
from switchyard.yard.ports import free_ports


def test_servers_that_answer_are_accepted(postgres: str, valkey: str) -> None:
    require_servers(database_url=postgres, broker_url=valkey)
    require_servers(database_url="", broker_url="")


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_broker_that_does_not_answer_is_named_without_its_password(scheme: str) -> None:
    port = free_ports(1)[0]
    with pytest.raises(ServerAway) as told:
        require_servers(database_url="", broker_url=f"{scheme}://user:secret@127.0.0.1:{port}/")
    assert f"BROKER_URL names a server at 127.0.0.1:{port}, which does not answer" in str(told.value)
    assert "secret" not in str(told.value)


def test_database_that_does_not_answer_is_named_without_its_password() -> None:
    port = free_ports(1)[0]
    with pytest.raises(ServerAway) as told:
        require_servers(database_url=f"postgresql://user:secret@127.0.0.1:{port}/db", broker_url="")
    assert f"DATABASE_URL names a server at 127.0.0.1:{port}, which does not answer" in str(told.value)
    assert "secret" not in str(told.value)
