"""What the pre-flight finds about the way in which the files of a mailing go."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import policies
from emails.findings import Finding, warn
from emails.models import Mailing
from jobs.links import can_link
from jobs.models import StoredFile

FILES = gettext_lazy("Files")


def check_files(mailing: Mailing, *, files: Sequence[StoredFile]) -> Iterator[Finding]:
    """Say that files are attached which should be links, because the platform cannot make links."""
    if not files or can_link():
        return
    policy = policies.policy_of(mailing.school)
    if policy.proposes_links(sum(file.size for file in files)):
        yield warn(
            FILES,
            _(
                "Your school sends files of this size as links, but the platform does not know its own "
                "address, so they are attached. Ask those who run the platform to set SITE_URL."
            ),
        )
