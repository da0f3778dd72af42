"""What the pre-flight finds about the way out: whether recipients can unsubscribe."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails.findings import Finding, fine, warn
from jobs.links import can_link

UNSUBSCRIBE = gettext_lazy("Unsubscribing")


def check_unsubscribe() -> Iterator[Finding]:
    """Say whether the mails have a link to unsubscribe, and if not, who has to set what."""
    if can_link():
        yield fine(UNSUBSCRIBE, _("Every mail has a link by which its recipient can unsubscribe."))
        return
    says = _(
        "Nobody can unsubscribe from this mailing, which large mail providers demand of it: the platform "
        "does not know its own address, so it can make no link. Ask those who run the platform to set "
        "SITE_URL, such as https://careers.example.edu, for web and workers."
    )
    yield warn(UNSUBSCRIBE, says)
