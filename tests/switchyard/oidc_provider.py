"""A small OpenID Connect provider over real HTTP: discovery, consent without asking, tokens, who it is."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT_ID, SECRET = "switchyard", "a secret of the client"


class Provider(ThreadingHTTPServer):
    """Says of everybody that they are `claims`."""

    daemon_threads = False

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.problems: list[str] = []
        self.audience = CLIENT_ID

    @property
    def issuer(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Provider

    def log_message(self, *_args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Tell what the provider offers, send people back at once, or tell who they are."""
        at = urlsplit(self.path)
        if at.path == "/.well-known/openid-configuration":
            ours = self.server.issuer
            paths = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            told = {f"{name}_endpoint": f"{ours}/{path}" for name, path in paths.items()}
            self._answer({"issuer": ours, "jwks_uri": f"{ours}/keys", **told})
        elif at.path == "/authorize":
            self.server.asked = {key: values[0] for key, values in parse_qs(at.query).items()}
            back = urlencode({"code": "one", "state": self.server.asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{self.server.asked['redirect_uri']}?{back}")
            self.end_headers()
        elif self.headers.get("Authorization") == "Bearer access":
            self._answer(self.server.claims)
        else:
            self._answer({"error": "invalid_token"}, status=401)

    def do_POST(self) -> None:
        """Give tokens to the client that began, and to nobody else."""
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(sent.get("code_verifier", [""])[0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != self.server.asked.get("code_challenge"):
            self.server.problems.append("the verifier does not fit the challenge")
        if sent.get("client_secret", [""])[0] != SECRET:
            self.server.problems.append("the secret is wrong")
        if self.server.problems:
            self._answer({"error": "invalid_grant"}, status=400)
            return
        now = int(time.time())
        claims = {"iss": self.server.issuer, "aud": self.server.audience, "iat": now, "exp": now + 60}
        token = jwt.encode({**claims, **self.server.claims}, "k" * 32, algorithm="HS256")
        self._answer({"access_token": "access", "token_type": "Bearer", "id_token": token})

    def _answer(self, told: dict[str, Any], *, status: int = 200) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Run a provider; nothing of it is left afterwards."""
    with Provider() as provider:
        thread = Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield provider
        finally:
            provider.shutdown()
            thread.join()
