"""Why an answer of a school's SAML provider is not believed, in words for the person and their IT."""

from enum import Enum

from django.utils.translation import gettext_lazy as _
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError as Library


class Reason(Enum):
    """Why; the value says it, and what to do."""

    UNREADABLE = _("It could not be read.")
    UNSIGNED = _("What it says of you is not signed with a certificate that is set here for your school.")
    ENCRYPTED = _(
        "It is encrypted, which is not read here. Your school's IT can turn that off for this service: "
        "what the provider sends travels over TLS."
    )
    FOR_OTHERS = _("It is meant for another service or another school.")
    UNTIMELY = _("It is too old, or its clock and ours differ by minutes. Please begin again.")
    ANOTHER_PROVIDER = _("It comes from another provider than the one that is set here for your school.")
    NOT_LET_IN = _("It did not let you in.")
    NOT_BEGUN_HERE = _(
        "It answers no sign-in that you began in this browser within ten minutes, or it has been used "
        "already. Please begin again."
    )
    NAMELESS = _("It does not name your e-mail address. Your school's IT can let it send the attribute mail.")
    OUTSIDE = _(
        "The e-mail address that it names for you is in none of the domains that are set here for your "
        "school."
    )


class AnswerRefused(Exception):
    """An answer that is not believed."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason."""
        super().__init__(reason.value)
        self.reason = reason


_BY_CODE = {
    Library.NO_SIGNED_ASSERTION: Reason.UNSIGNED,
    Library.NO_SIGNED_MESSAGE: Reason.UNSIGNED,
    Library.NO_SIGNATURE_FOUND: Reason.UNSIGNED,
    Library.INVALID_SIGNATURE: Reason.UNSIGNED,
    Library.DEPRECATED_SIGNATURE_METHOD: Reason.UNSIGNED,
    Library.DEPRECATED_DIGEST_METHOD: Reason.UNSIGNED,
    Library.ENCRYPTED_ATTRIBUTES: Reason.ENCRYPTED,
    Library.WRONG_DESTINATION: Reason.FOR_OTHERS,
    Library.WRONG_AUDIENCE: Reason.FOR_OTHERS,
    Library.SP_NAME_QUALIFIER_NAME_MISMATCH: Reason.FOR_OTHERS,
    Library.ASSERTION_EXPIRED: Reason.UNTIMELY,
    Library.ASSERTION_TOO_EARLY: Reason.UNTIMELY,
    Library.SESSION_EXPIRED: Reason.UNTIMELY,
    Library.RESPONSE_EXPIRED: Reason.UNTIMELY,
    Library.WRONG_ISSUER: Reason.ANOTHER_PROVIDER,
    Library.STATUS_CODE_IS_NOT_SUCCESS: Reason.NOT_LET_IN,
    Library.WRONG_INRESPONSETO: Reason.NOT_BEGUN_HERE,
    Library.WRONG_SUBJECTCONFIRMATION: Reason.NOT_BEGUN_HERE,
}


def reason_of(code: int) -> Reason:
    """Return the reason for a code of the library's."""
    return _BY_CODE.get(code, Reason.UNREADABLE)
