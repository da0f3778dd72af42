"""Fields that several forms share."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from jobs.forms import AddressField

LONG = f"{'n' * 64}@{'x' * 60}.{'y' * 60}.{'z' * 60}.northfield.example"


def test_address_is_kept_in_small_letters() -> None:
    assert AddressField().clean(" Noor@Northfield.example ") == "noor@northfield.example"


def test_address_that_nothing_could_hold_is_refused_with_its_length() -> None:
    with pytest.raises(ValidationError) as refused:
        AddressField().clean(LONG)
    assert refused.value.messages == [f"This has {len(LONG)} characters; an e-mail address has at most 254."]
    assert "maxlength" not in AddressField().widget.attrs


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/status/subscribe/", "/account/password/forgotten/"])
def test_page_says_what_is_wrong_with_such_an_address(client: Client, path: str) -> None:
    page = client.post(path, {"email": LONG}).content.decode()
    assert "an e-mail address has at most 254" in page
    assert LONG in page
