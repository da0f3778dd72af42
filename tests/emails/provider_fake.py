"""A provider's HTTP API that answers as its documentation says, or misbehaves at the calls that a test names.

What each recipient would get is put together as the provider does it: by substitution, or from whole mails.
"""

import base64
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.utils import parseaddr
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

HANG, DROP = "hang", "drop"


@dataclass(frozen=True, kw_only=True)
class Got:
    """One mail as its recipient would get it."""

    to: str
    name: str
    subject: str
    text: str
    html: str
    files: Mapping[str, bytes]
    headers: Mapping[str, str]
    mark: str


@dataclass(kw_only=True)
class Call:
    """One request as it came in."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    mails: list[Got]


@dataclass
class FakeProvider:
    """What the API has seen, and how it behaves."""

    calls: list[Call] = field(default_factory=list)
    script: dict[int, Any] = field(default_factory=dict)
    """By number of the call, from 1: HANG, DROP, or (status, headers, whether it accepts the mails first)."""
    refused: dict[str, str] = field(default_factory=dict)
    """Addresses that it does not take."""
    caught: list[Got] = field(default_factory=list)
    """Accepted mails."""
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def addresses(self) -> list[str]:
        return [mail.to for mail in self.caught]

    def take(self, call: Call) -> tuple[int, Mapping[str, str], bytes] | None:
        """Return the answer; None to hang up without one."""
        with self.lock:
            self.calls.append(call)
            scripted = self.script.get(len(self.calls))
        if scripted == HANG:
            self.over.wait(timeout=30)
            return None
        if scripted == DROP:
            return None
        if scripted and not scripted[2]:
            return scripted[0], scripted[1], b'{"message": "not now"}'
        status, answer = self.answer(call)
        if scripted:
            return scripted[0], scripted[1], b"gateway failed"
        return status, {"Content-Type": "application/json"}, json.dumps(answer).encode()

    def answer(self, call: Call) -> tuple[int, Any]:
        raise NotImplementedError

    def read(self, body: bytes, _content_type: str) -> list[Got]:
        raise NotImplementedError


class FakePostmark(FakeProvider):
    """https://postmarkapp.com/developer/api/email-api#send-batch-emails."""

    def read(self, body: bytes, _content_type: str) -> list[Got]:
        return [self._got(message) for message in json.loads(body)]

    def _got(self, message: Mapping[str, Any]) -> Got:
        name, to = parseaddr(message["To"])
        files = {each["Name"]: base64.b64decode(each["Content"]) for each in message.get("Attachments", [])}
        headers = {each["Name"]: each["Value"] for each in message.get("Headers", [])}
        return Got(
            to=to,
            name=name,
            subject=message["Subject"],
            text=message["TextBody"],
            html=message.get("HtmlBody", ""),
            files=files,
            headers={**headers, "From": message["From"], "Reply-To": message.get("ReplyTo", "")},
            mark=message.get("Metadata", {}).get("switchyard", ""),
        )

    def answer(self, call: Call) -> tuple[int, Any]:
        return 200, [self._told(number, mail) for number, mail in enumerate(call.mails)]

    def _told(self, number: int, mail: Got) -> dict[str, Any]:
        if mail.to in self.refused:
            return {"ErrorCode": 406, "Message": self.refused[mail.to]}
        self.caught.append(mail)
        return {"ErrorCode": 0, "Message": "OK", "MessageID": f"pm-{number}", "To": mail.to}


class FakeMailgun(FakeProvider):
    """https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/batch-sending."""

    def read(self, body: bytes, content_type: str) -> list[Got]:
        fields, files = _form(body, content_type)
        variables = json.loads(fields["recipient-variables"][0])
        return [self._got(parseaddr(to), fields, files, variables) for to in fields["to"]]

    def _got(
        self, to: tuple[str, str], fields: dict[str, list[str]], files: Mapping[str, bytes], variables: Any
    ) -> Got:
        def filled(name: str) -> str:
            text = fields.get(name, [""])[0]
            for key, value in variables[to[1]].items():
                text = text.replace(f"%recipient.{key}%", value)
            return text

        headers = {name[2:]: filled(name) for name in fields if name.startswith("h:")}
        return Got(
            to=to[1],
            name=to[0],
            subject=filled("subject"),
            text=filled("text"),
            html=filled("html"),
            files=files,
            headers={**headers, "From": filled("from")},
            mark=filled("v:switchyard"),
        )

    def answer(self, call: Call) -> tuple[int, Any]:
        if any(mail.to in self.refused for mail in call.mails):
            return 400, {"message": "to parameter is not a valid address. please check documentation"}
        self.caught += call.mails
        return 200, {"id": f"<{len(self.calls)}@mg.example>", "message": "Queued. Thank you."}


class FakeSparkPost(FakeProvider):
    """https://developers.sparkpost.com/api/transmissions/."""

    def read(self, body: bytes, _content_type: str) -> list[Got]:
        asked = json.loads(body)
        return [self._got(recipient, asked["content"]) for recipient in asked["recipients"]]

    def _got(self, recipient: Mapping[str, Any], content: Mapping[str, Any]) -> Got:
        def filled(text: str) -> str:
            for key, value in recipient["substitution_data"].items():
                text = text.replace(f"{{{{{{{key}}}}}}}", value).replace(f"{{{{{key}}}}}", value)
            return text

        headers = {name: filled(value) for name, value in content.get("headers", {}).items()}
        files = {each["name"]: base64.b64decode(each["data"]) for each in content.get("attachments", [])}
        return Got(
            to=recipient["address"]["email"],
            name=parseaddr(recipient["address"]["header_to"])[0],
            subject=filled(content["subject"]),
            text=filled(content["text"]),
            html=filled(content.get("html", "")),
            files=files,
            headers={**headers, "From": content["from"], "Reply-To": content.get("reply_to", "")},
            mark=recipient.get("metadata", {}).get("switchyard", ""),
        )

    def answer(self, call: Call) -> tuple[int, Any]:
        taken = [mail for mail in call.mails if mail.to not in self.refused]
        self.caught += taken
        results = {
            "total_rejected_recipients": len(call.mails) - len(taken),
            "total_accepted_recipients": len(taken),
            "id": f"sp-{len(self.calls)}",
        }
        return 200, {"results": results}


class Server(ThreadingHTTPServer):
    """Whose threads are joined when it closes."""

    daemon_threads = False

    def __init__(self, provider: FakeProvider) -> None:
        """Listen on a free port."""
        self.provider = provider
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    """Reads one request and answers it as the provider says."""

    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mails = self.server.provider.read(body, self.headers["Content-Type"])
        call = Call(path=self.path, headers=dict(self.headers), body=body, mails=mails)
        answer = self.server.provider.take(call)
        if answer is None:
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def handle(self) -> None:
        """Read and answer; who hangs up before is no fault."""
        with suppress(OSError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _form(body: bytes, content_type: str) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """Return the fields and the files of a posted form."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode(), keep_blank_values=True), {}
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    for part in message_from_bytes(head + body, policy=policy.HTTP).iter_parts():
        content: Any = part.get_payload(decode=True)
        if file_name := part.get_filename():
            files[file_name] = content
        else:
            name = str(part.get_param("name", header="content-disposition"))
            fields.setdefault(name, []).append(content.decode())
    return fields, files


FAKES: Mapping[str, type[FakeProvider]] = {
    "postmark": FakePostmark,
    "mailgun": FakeMailgun,
    "sparkpost": FakeSparkPost,
}


@contextmanager
def served(
    fake: FakeProvider, *, context: ssl.SSLContext | None = None
) -> Iterator[tuple[FakeProvider, str]]:
    """Serve `fake` on a free port within the block, by TLS with a `context`; yield it and its address."""
    with Server(fake) as server:
        if context:
            server.socket = context.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fake, f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}/v3"
        finally:
            fake.over.set()
            server.shutdown()
            thread.join()
