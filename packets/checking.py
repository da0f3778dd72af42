"""What keeps a stored document out of a packet besides what is wrong with the file itself: sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from jobs.sections import MEGABYTE

GONE = gettext_lazy("The document was removed before the packet was built.")
FILE_LOST = gettext_lazy("The stored file cannot be found; upload the document again.")
TOO_HEAVY = gettext_lazy(
    "It was to be read together with others, and one of them, or all, need too much memory; leave the "
    "largest out and build the packet again."
)
FAILED_PART = gettext_lazy("It could not be read because of a fault on our side; build the packet again.")
NOT_READ = gettext_noop(
    "It could not be read, though it was tried twice; build the packet again, and ask for a new copy if it "
    "is left out again."
)
TOO_MUCH_MEMORY = gettext_noop(
    "Reading it takes more memory than a document may need; print it to a new PDF and upload that."
)
TOO_MUCH_TIME = gettext_noop(
    "Reading it takes longer than a document may take; print it to a new PDF and upload that."
)


def too_large(size: int, *, most_megabytes: float) -> str:
    """Return the sentence about a file of `size` bytes, when a document may have so many megabytes."""
    return _(
        "It has {size:.1f} MB; a document may have {most_megabytes:g} MB. Ask for a smaller copy."
    ).format(size=size / MEGABYTE, most_megabytes=most_megabytes)
