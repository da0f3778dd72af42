"""What the pre-flight finds about the way in which the files of a mailing go."""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from emails import policies
from emails.findings import Finding, warn
from emails.models import Mailing
from jobs.links import can_link
from jobs.models import StoredFile

FILES = gettext_lazy("Files")
REFUSED = re.compile(
    r"""\.(
        ade | adp | apk | appx | appxbundle | bat | cab | chm | cmd | com | cpl | diagcab | diagcfg | diagpkg
        | dll | dmg | ex | ex_ | exe | hta | img | ins | iso | isp | jar | jnlp | js | jse | lib | lnk | mde
        | mjs | msc | msi | msix | msixbundle | msp | mst | nsh | pif | ps1 | scr | sct | shb | sys | vb | vbe
        | vbs | vhd | vxd | wsc | wsf | wsh | xll
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Endings of files with which Gmail takes no mail, as its help lists them; others do alike."""


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


def check_types(files: Sequence[StoredFile]) -> Iterator[Finding]:
    """Say which of the attached files make mail servers refuse the mail."""
    refused = [file.name for file in files if REFUSED.search(file.name)]
    if refused:
        yield warn(
            FILES,
            _(
                "Many mail servers refuse a mail with a program attached, and Gmail does, so it would not "
                "arrive. Leave these files out, or send files as links."
            ),
            concerned=refused,
        )
