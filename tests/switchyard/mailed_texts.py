"""Mails about logins without a mail server."""

from unittest import mock

from jobs.testing import run_parts


def mailed_texts() -> list[str]:
    """Let a worker do what waits in the lane of single mails, and return the texts that left."""
    with mock.patch("emails.single.send_to") as sent:
        run_parts(lane="mail")
    return [call.kwargs["letter"].body.text for call in sent.call_args_list]
