"""Sign-in codes without a mail server."""

from unittest import mock

from emails import codes
from emails.models import Code
from jobs.models import Person


def mail_the_code(person: Person) -> str:
    """Do what the worker does, without a mail server, and return the code."""
    code = Code.objects.filter(person=person)[0]
    with mock.patch("secrets.randbelow", return_value=123456), mock.patch("emails.single.send_to"):
        codes.send_code(code_id=code.pk)
    return "123456"
