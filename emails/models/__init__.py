"""Records of the mail that leaves: codes, mailings, who got what, and what is fetched by links."""

from emails.models.codes import Code, CodeState
from emails.models.links import Download, LinkedFile
from emails.models.mailings import Attachment, BodyFormat, Mailing
from emails.models.own_files import OwnFile
from emails.models.password_links import LinkPurpose, PasswordLink
from emails.models.policies import AttachmentPolicy, AttachmentWay
from emails.models.recipients import Recipient, RecipientState
from emails.models.relays import RelayOffer
from emails.models.suppressions import Suppression, SuppressionReason

__all__ = [
    "Attachment",
    "AttachmentPolicy",
    "AttachmentWay",
    "BodyFormat",
    "Code",
    "CodeState",
    "Download",
    "LinkPurpose",
    "LinkedFile",
    "Mailing",
    "OwnFile",
    "PasswordLink",
    "Recipient",
    "RecipientState",
    "RelayOffer",
    "Suppression",
    "SuppressionReason",
]
