"""What tests of SAML do: set a provider, begin, carry its answer as a browser does."""

from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialAccount
from django.test import Client

from jobs.models import School
from tests.switchyard.saml.identity import Identity, Request


def configure(admin: Client, school: School, provider: Identity, **changes: str) -> Any:
    """Set the school's provider on the admin's page, and return what comes back."""
    sent = {"kind": "saml", "metadata": provider.metadata, "domains": "northfield.example", **changes}
    return admin.post(f"/people/providers/{school.slug}/", sent)


def begin(school: School, provider: Identity, *, wanted: str = "") -> tuple[Client, Request]:
    """Begin to sign in, and return the browser and what the provider is asked."""
    client = Client()
    begun = client.post(f"/account/school/{school.slug}/saml/login/?next={wanted}")
    assert begun.status_code == 302, begun.content.decode()
    return client, provider.read(begun["Location"])


def hand_over(client: Client, request: Request, answer: str) -> Any:
    """Let the browser carry the answer as from another site, without its session; return the last page."""
    session = client.cookies.pop("sessionid", None)
    sent = client.post(urlsplit(request.answer_to).path, {"SAMLResponse": answer})
    if session is not None:
        client.cookies["sessionid"] = session.value
    return client.get(sent["Location"]) if sent.status_code == 302 else sent


def come_in(school: School, provider: Identity, *, wanted: str = "") -> tuple[Client, Any]:
    """Sign in at the provider; return the browser and the last page."""
    client, request = begin(school, provider, wanted=wanted)
    return client, hand_over(client, request, provider.answer(request))


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def assert_refused(client: Client, page: Any, sentence: str) -> None:
    assert page.status_code == 403
    assert sentence in page.content.decode()
    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
