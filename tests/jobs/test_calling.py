"""Calling over TLS: to the address that was looked at, with a certificate that is the name's."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from jobs import calling
from jobs.addresses import Address
from jobs.sections import Webhooks

BODY = b"{}"
MAKE_CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
    "-subj /CN=hooks.example -addext subjectAltName=DNS:hooks.example"
)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for hooks.example, with its key, in one file."""
    if not shutil.which("openssl"):
        pytest.skip("this machine has no openssl")
    path = tmp_path / "hooks.pem"
    subprocess.run(
        [*MAKE_CERTIFICATE.split(), "-keyout", f"{path}.key", "-out", str(path)],
        check=True,
        capture_output=True,
    )
    path.write_text(path.read_text() + Path(f"{path}.key").read_text())
    return path


class Silent(BaseHTTPRequestHandler):
    """Takes any message."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def port(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a TLS server whose certificate is trusted."""
    monkeypatch.setattr(calling, "_tls", lambda: ssl.create_default_context(cafile=certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Silent) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is expected
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()


def post(host: str, port: int, *, scheme: str = "https") -> int:
    address = Address(scheme=scheme, host=host, port=port, path="/")
    return calling.post(
        address, ips=["127.0.0.1"], headers={}, body=BODY, patience=Webhooks(read_seconds=2, call_seconds=3)
    ).status


def test_name_is_not_resolved_again_and_its_certificate_is_checked(port: int) -> None:
    assert post("hooks.example", port) == 204


def test_certificate_of_another_name_is_refused(port: int) -> None:
    with pytest.raises(calling.NoAnswer, match=r"certificate is not accepted.*other\.example"):
        post("other.example", port)


def test_server_that_speaks_something_else_is_no_answer(port: int) -> None:
    with pytest.raises(calling.NoAnswer):
        post("hooks.example", port, scheme="http")


def test_next_address_is_tried_when_one_takes_no_connection(port: int) -> None:
    address = Address(scheme="https", host="hooks.example", port=port, path="/")
    patience = Webhooks(connect_seconds=1)
    ips = ["127.0.0.2", "127.0.0.1"]
    assert calling.post(address, ips=ips, headers={}, body=BODY, patience=patience).status == 204
