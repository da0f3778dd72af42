"""What the environment may say, and the sentence when it says something else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from switchyard import addresses, env
from switchyard.yard.ports import free_ports

TOLD = [
    ("LOG_JSON", "banana", "LOG_JSON is 'banana'; write on or off."),
    ("SWITCHYARD_DEMO", "maybe", "SWITCHYARD_DEMO is 'maybe'; write on or off."),
    ("SWITCHYARD_DEBUG", "2", "SWITCHYARD_DEBUG is '2'; write on or off."),
    ("MAIL_RELAY_PORT", "smtp", "MAIL_RELAY_PORT is 'smtp'; write a number from 1 to 65535."),
    ("WEB_WORKERS", "two", "WEB_WORKERS is 'two'; write a number from 1 to 256."),
    ("WEB_WORKERS", "0", "WEB_WORKERS is '0'; write a number from 1 to 256."),
    ("WEB_THREADS", "-1", "WEB_THREADS is '-1'; write a number from 1 to 256."),
    ("MOST_WORKERS", "many", "MOST_WORKERS is 'many'; write a number from 1 to 10000."),
    ("MAIL_RELAY_HOST", "smtp://relay", "MAIL_RELAY_HOST holds 'smtp://relay'; write mail.example.edu"),
    ("MAIL_RELAY_HOST", "relay:25", "MAIL_RELAY_HOST holds 'relay:25'; write mail.example.edu"),
    ("MAIL_FROM", "Career Office", "MAIL_FROM holds 'Career Office'; write a name and an address, such as"),
    ("WEBHOOK_PRIVATE_HOSTS", "a,http://b/", "WEBHOOK_PRIVATE_HOSTS holds 'http://b/'; write hosts"),
    ("WEBHOOK_PRIVATE_HOSTS", "10.0.0.5:80", "WEBHOOK_PRIVATE_HOSTS holds '10.0.0.5:80'; write hosts"),
    ("ALLOWED_HOSTS", "https://x.example", "ALLOWED_HOSTS holds 'https://x.example'; write hosts"),
    ("CSRF_TRUSTED_ORIGINS", "x.example", "CSRF_TRUSTED_ORIGINS holds 'x.example'; write addresses"),
    ("FLOWER_URL", "flower:5555", "FLOWER_URL holds 'flower:5555'; write an address such as"),
    ("SWITCHYARD_WEB_PORT", "80000", "SWITCHYARD_WEB_PORT is '80000'; write a port, from 1 to 65535."),
    ("MAIL_RELAY_PORT", "0", "MAIL_RELAY_PORT is '0'; write a number from 1 to 65535."),
    (
        "DATABASE_CONNECTION_SECONDS",
        "1.5",
        "DATABASE_CONNECTION_SECONDS is '1.5'; write a whole number, such as 60.",
    ),
    ("BROKER_QUEUES", "mirrored", "BROKER_QUEUES is 'mirrored'; write one of classic, quorum."),
    ("DATABASE_SILENCE_SECONDS", "1", "DATABASE_SILENCE_SECONDS is '1'; write a number from 2 to 600."),
    ("DATABASE_IDLE_SECONDS", "0", "DATABASE_IDLE_SECONDS is '0'; write a number from 5 to 600."),
    ("TIME_ZONE", "Mars/Olympus", "TIME_ZONE is 'Mars/Olympus'; write a name such as Europe/Berlin."),
    ("DATABASE_URL", "nonsense", "DATABASE_URL is not an address such as postgresql://"),
    ("DATABASE_URL", "mysql://user:secret@host/db", "DATABASE_URL is not an address such as postgresql://"),
    ("DATABASE_URL", "postgresql://host:port/db", "DATABASE_URL is not an address such as postgresql://"),
    (
        "DATABASE_URL",
        "postgresql://user:secret@host/",
        "DATABASE_URL is not an address such as postgresql://",
    ),
    ("DATABASE_URL_FILE", "/nowhere", "DATABASE_URL_FILE is '/nowhere', which cannot be read (No such file"),
    ("BROKER_URL", "redis://", "BROKER_URL is not an address such as redis://"),
    ("BROKER_URL", "nonsense", "BROKER_URL is not an address such as redis://"),
    ("BROKER_URL", "http://user:secret@host/", " or amqp://"),
]


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program of the platform with these variables on top."""
    paths = os.pathsep.join([str(env.ROOT / "platform"), str(env.ROOT)])
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(("name", "value", "sentence"), TOLD)
def test_yard_refuses_a_wrong_variable_with_a_sentence(
    name: str, value: str, sentence: str, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    # A yard may run on the usual port.
    free = {"SWITCHYARD_WEB_PORT": str(free_ports(1)[0])}
    ran = run("-m", "switchyard.yard", SWITCHYARD_VAR=str(var), **{**free, name: value})
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "secret" not in ran.stderr
    assert not (var / "postgres").exists()


def test_command_refuses_a_wrong_variable_with_a_sentence() -> None:
    ran = run(str(env.ROOT / "manage.py"), "worker", "mail", LOG_JSON="banana")
    assert (ran.returncode, ran.stderr) == (1, "LOG_JSON is 'banana'; write on or off.\n")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("WEB_WORKERS", "two", "WEB_WORKERS is 'two'; write a number from 1 to 256.\n"),
        ("WEB_BIND", "8000", "WEB_BIND holds '8000'; write a host and a port, such as 0.0.0.0:8000.\n"),
        ("LOG_JSON", "banana", "LOG_JSON is 'banana'; write on or off.\n"),
        ("SECRET_KEY", "", "SECRET_KEY is empty; write at least 50 random characters.\n"),
    ],
)
def test_web_server_refuses_a_wrong_variable_with_a_sentence(
    name: str, value: str, sentence: str, tmp_path: Path
) -> None:
    settings = env.ROOT / "platform" / "deploy" / "gunicorn.conf.py"
    given = {"SECRET_KEY": "for-tests", "SWITCHYARD_VAR": str(tmp_path), name: value}
    ran = run("-m", "gunicorn", f"--config={settings}", "switchyard.wsgi", **given)
    assert (ran.returncode, ran.stderr) == (1, sentence)


def test_hosts_are_taken_as_addresses_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSTS", "Hooks.Internal, 10.0.0.5 ,[::1],bücher.example")
    assert addresses.hosts("HOSTS", "") == ["hooks.internal", "10.0.0.5", "::1", "bücher.example"]
    monkeypatch.setenv("HOSTS", ".example.edu,*,[::1]")
    assert addresses.hosts("HOSTS", "", patterns=True) == [".example.edu", "*", "[::1]"]


@pytest.mark.parametrize(
    "value", ["careers@example.edu", "Career Office <careers@example.edu>", '"Office, Career" <c@x.edu>']
)
def test_sender_is_taken(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_FROM", value)
    assert addresses.sender("MAIL_FROM", "") == value


@pytest.mark.parametrize("below", ["file", "file/below", "x" * 300])
def test_folder_that_cannot_be_made_is_refused_with_a_sentence(below: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = run("-m", "switchyard.yard", SWITCHYARD_VAR=str(tmp_path / below))
    assert ran.returncode == 1
    assert f"SWITCHYARD_VAR is {str(tmp_path / below)!r}, where nothing can be kept" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("value", ["1", "true", "YES", "on"])
def test_flag_is_on(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_JSON", value)
    assert env.flag("LOG_JSON", default=False)


def test_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_CONNECTION_SECONDS", "")
    assert env.number("DATABASE_CONNECTION_SECONDS", 60) == 60


def test_value_is_read_from_the_file_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "relay").write_text("correct horse\n")
    monkeypatch.setenv("MAIL_RELAY_PASSWORD_FILE", str(tmp_path / "relay"))
    assert env.text("MAIL_RELAY_PASSWORD", "") == "correct horse"
    monkeypatch.setenv("MAIL_RELAY_PASSWORD", "another")
    assert env.text("MAIL_RELAY_PASSWORD", "") == "another"


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "DATABASE_URL", "BROKER_URL", "METRICS_TOKEN", "FLOWER_SECRET", "MAIL_PROVIDER_KEY"],
)
def test_secret_whose_file_is_not_there_is_refused_with_a_sentence(name: str) -> None:
    ran = run(str(env.ROOT / "manage.py"), "check", **{name: "", f"{name}_FILE": "/nowhere/secret"})
    sentence = (
        f"{name}_FILE is '/nowhere/secret', which cannot be read (No such file or directory); name a file"
    )
    assert (ran.returncode, ran.stderr.startswith(sentence)) == (1, True)


@pytest.mark.parametrize(
    "address", ["redis://:secret@host:6379/0", "rediss://host", "amqp://host//", "amqps://u:p@host/v"]
)
def test_address_of_each_broker_is_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_URL", address)
    assert addresses.broker("redis://default") == address
