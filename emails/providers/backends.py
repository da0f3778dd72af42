"""The backends of django-anymail as we use them: one try, no redirects, and for Postmark separate mails.

anymail has no types, so its classes count as Any.
"""

from typing import Any

from anymail.backends import mailgun, postmark, sparkpost


class OneTry:
    """A call goes where the settings say and nowhere else, and is never made again by itself."""

    def create_session(self) -> Any:
        """Return anymail's session without redirects and without what the environment says of proxies."""
        session = super().create_session()  # type: ignore[misc]  # the class beside it has it
        session.max_redirects = 0
        session.trust_env = False
        return session


class Mailgun(OneTry, mailgun.EmailBackend):  # type: ignore[misc]  # untyped, as above
    """Mailgun: one mail with variables for each recipient."""


class SparkPost(OneTry, sparkpost.EmailBackend):  # type: ignore[misc]  # untyped, as above
    """SparkPost: one mail with substitutions for each recipient."""


class SeparateMails(postmark.PostmarkPayload):  # type: ignore[misc]  # untyped, as above
    """Postmark has no substitutions but in templates that it keeps: each mail of a call has its own texts."""

    def get_api_endpoint(self) -> str:
        """Return that of many mails, also for one: they answer in the same form."""
        return "email/batch"

    def data_for_recipient(self, to: Any) -> dict[str, Any]:
        """Return the whole mail of one recipient."""
        own = self.merge_data[to.addr_spec]
        data: dict[str, Any] = super().data_for_recipient(to)
        data.pop("TemplateModel", None)
        html = {"HtmlBody": own["html"]} if own["html"] else {}
        return {**data, "Subject": own["subject"], "TextBody": own["text"], **html}


class Postmark(OneTry, postmark.EmailBackend):  # type: ignore[misc]  # untyped, as above
    """Postmark: its answer says of each mail what became of it, and is read by `answers.of_postmark`."""

    def build_message_payload(self, message: Any, defaults: Any) -> SeparateMails:
        """Return the mails of one call."""
        return SeparateMails(message, defaults, self)

    def parse_recipient_status(self, response: Any, payload: Any, message: Any) -> dict[str, Any]:
        """Refuse an answer about the whole call; one about each mail is read elsewhere."""
        if response.status_code != 200:  # noqa: PLR2004 - 422 is the other one that comes here
            postmark.AnymailRequestsBackend.raise_for_status(self, response, payload, message)
        return {}
