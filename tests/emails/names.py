"""A DNS server on loopback that knows the text records that a test gives it."""

import socketserver
import threading
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
from dns.resolver import Resolver

LONGEST = 255
"""Letters of one string of a text record."""


class NameServer:
    """Answers questions for text records over UDP."""

    def __init__(self) -> None:
        """Know nothing, and listen."""
        self.texts: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.is_silent = False
        names = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                names.answer(*self.request, self.client_address)

        self._server = socketserver.UDPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, wire: bytes, socket: Any, client: Any) -> None:
        question = dns.message.from_wire(wire)
        name = question.question[0].name.to_text(omit_final_dot=True)
        self.asked.append(name)
        if self.is_silent:
            return
        response = dns.message.make_response(question)
        if name not in self.texts:
            response.set_rcode(dns.rcode.NXDOMAIN)
        for text in self.texts.get(name, []):
            strings = [text[start : start + LONGEST] for start in range(0, len(text), LONGEST)]
            quoted = " ".join(f'"{string}"' for string in strings)
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "TXT", quoted))
        socket.sendto(response.to_wire(max_size=4096), client)

    def resolver(self) -> Resolver:
        """Return one that asks this server only."""
        found = Resolver(configure=False)
        found.nameservers, found.port = ["127.0.0.1"], self._server.server_address[1]
        return found

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
        assert not self._thread.is_alive()
