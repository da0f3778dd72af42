"""Records of the mail that leaves: codes, mailings, and who got what."""

from emails.models.codes import Code, CodeState
from emails.models.mailings import Attachment, BodyFormat, Mailing
from emails.models.recipients import Recipient, RecipientState
from emails.models.suppressions import Suppression, SuppressionReason

__all__ = [
    "Attachment",
    "BodyFormat",
    "Code",
    "CodeState",
    "Mailing",
    "Recipient",
    "RecipientState",
    "Suppression",
    "SuppressionReason",
]
