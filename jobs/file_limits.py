"""The section of the settings about files that people hand in: how large one may be."""

from dataclasses import dataclass

from jobs.language import gettext_lazy as _
from jobs.sections import Section
from jobs.setting_fields import setting


@dataclass(frozen=True, kw_only=True)
class FileLimits(Section):
    """The largest files that a person may hand in, in megabytes of 1,048,576 bytes.

    Beyond the most of each a mail is refused everywhere, and a part takes longer than its lane can promise.
    """

    path = "SWITCHYARD['files']"
    attachment_megabytes: float = setting(
        default=10, says=_("The most that all attachments of a mailing have."), unit="megabytes", most=100
    )
    upload_megabytes: float = setting(
        default=100, says=_("The most that one data file has."), unit="megabytes", most=1000
    )
    document_megabytes: float = setting(
        default=20, says=_("The most that one student's document has."), unit="megabytes", most=200
    )
    document_pages: int = setting(
        default=500,
        says=_("The most pages that one student's document has."),
        unit="pages",
        is_whole=True,
        least=1,
        most=10_000,
    )
    document_memory_megabytes: float = setting(
        default=600,
        says=_("The memory that reading one document may take; one that needs more is left out."),
        unit="megabytes",
        least=64,
        most=4000,
    )
    document_seconds: float = setting(
        default=60,
        says=_("How long reading one document may take; one that needs longer is left out."),
        unit="seconds",
        least=1,
        most=240,
    )
