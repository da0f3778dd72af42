"""A relay that does at each step of the dialogue what a test says."""

import socket
import ssl
import struct
import threading
from collections import Counter
from contextlib import ExitStack, suppress

DROP = "drop"
"""Reset the connection instead of a reply; of a body after its first kilobyte."""
HANG = "hang"
"""Say nothing until the test is over."""


class StepRelay:
    """Speaks SMTP in a thread for each connection. `script` says what it does at the n-th such step of all.

    Steps: greeting, ehlo, mail, rcpt, data, body, dot, rset, noop.
    """

    def __init__(self) -> None:
        """Listen, and accept everything."""
        self.extensions = ["PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 20000000"]
        self.script: dict[tuple[str, int], str] = {}
        self.mails: list[tuple[list[str], bytes]] = []
        """Recipients and content of each mail that it accepted, dots undoubled."""
        self.commands: list[str] = []
        self.behind_mails: list[str] = []
        """The first line of what had come behind each mail before it was answered."""
        self.connections = 0
        self.over = threading.Event()
        self.tls: ssl.SSLContext | None = None
        """Set to answer STARTTLS."""
        self.is_tls_from_the_start = False
        self._steps: Counter[str] = Counter()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._server.getsockname()[1])

    @property
    def addresses(self) -> list[str]:
        """Who got a mail, in order."""
        return [address for addresses, _ in self.mails for address in addresses]

    def close(self) -> None:
        self.over.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(timeout=5)
            assert not thread.is_alive()

    def action(self, step: str, usual: str) -> str:
        """Return the reply for the next such step, or DROP or HANG."""
        self._steps[step] += 1
        return self.script.get((step, self._steps[step]), usual)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self.connections += 1
                talk = threading.Thread(target=_Talk(self, connection).run, daemon=True)
                self._threads.append(talk)
                talk.start()


class _Talk:
    """One connection."""

    def __init__(self, relay: StepRelay, connection: socket.socket) -> None:
        self._relay = relay
        self._connection = connection
        self._buffer = b""
        self._recipients: list[str] = []
        self._has_sender = False

    def run(self) -> None:
        with suppress(OSError, EOFError), ExitStack() as stack:
            stack.callback(lambda: self._connection.close())  # noqa: PLW0108 - TLS puts another in its place
            if self._relay.is_tls_from_the_start:
                self._encrypt()
            self._say("greeting", "220 steps")
            while True:
                command = self._line().decode()
                self._relay.commands.append(command)
                self._obey(command)

    def _obey(self, command: str) -> None:
        verb = command[:8].split(maxsplit=1)[0].lower()
        match verb:
            case "ehlo":
                offered = [f"250-{line}" for line in ("steps", *self._relay.extensions)]
                self._say("ehlo", "\r\n".join([*offered, "250 HELP"]))
            case "rcpt":
                self._name(command.partition("<")[2].partition(">")[0])
            case "data":
                usual = "354 go" if self._recipients else "554 no valid recipients"
                if self._say("data", usual).startswith("354"):
                    self._take(self._until_dot())
            case "bdat":
                self._take(self._exactly(int(command.split()[1])))
            case "quit":
                raise EOFError
            case "starttls":
                self._say("starttls", "220 go ahead")
                self._encrypt()
            case _:
                self._note(verb, self._say(verb, "235 welcome" if verb == "auth" else "250 ok"))

    def _name(self, address: str) -> None:
        if self._say("rcpt", "250 ok" if self._has_sender else "503 MAIL first").startswith("250"):
            self._recipients.append(address)

    def _note(self, verb: str, reply: str) -> None:
        if verb in {"rset", "mail"}:
            self._recipients = []
            self._has_sender = verb == "mail" and reply.startswith("250")

    def _take(self, content: bytes) -> None:
        self._relay.behind_mails.append(self._buffer.split(b"\r\n")[0].decode())
        reply = self._relay.action("dot", "250 taken")
        if reply.startswith("250"):
            self._relay.mails.append((self._recipients, content))
        self._recipients, self._has_sender = [], False
        self._answer(reply)

    def _until_dot(self) -> bytes:
        if self._relay.action("body", "") == DROP:
            self._connection.recv(1024)
            self._reset()
        lines = []
        while (line := self._line()) != b".":
            lines.append(line.removeprefix(b"."))
        return b"\r\n".join([*lines, b""])

    def _say(self, step: str, usual: str) -> str:
        reply = self._relay.action(step, usual)
        self._answer(reply)
        return reply

    def _answer(self, reply: str) -> None:
        if reply == DROP:
            self._reset()
        if reply == HANG:
            self._relay.over.wait(timeout=20)
            raise EOFError
        self._connection.sendall(f"{reply}\r\n".encode())
        if reply.startswith("421"):
            raise EOFError

    def _encrypt(self) -> None:
        assert self._relay.tls
        self._connection = self._relay.tls.wrap_socket(self._connection, server_side=True)

    def _reset(self) -> None:
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise EOFError

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._more()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _more(self) -> None:
        more = self._connection.recv(1 << 16)
        if not more:
            raise EOFError
        self._buffer += more
