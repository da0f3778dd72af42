"""What keeps a stored document out of a packet besides what is wrong with the file itself: sentences."""

from jobs.sections import MEGABYTE

GONE = "The document was removed before the packet was built."
FILE_LOST = "The stored file cannot be found; upload the document again."
TOO_HEAVY = (
    "It was to be read together with others, and one of them, or all, need too much memory; leave the "
    "largest out and build the packet again."
)
FAILED_PART = "It could not be read because of a fault on our side; build the packet again."
NOT_READ = (
    "It could not be read, though it was tried twice; build the packet again, and ask for a new copy if it "
    "is left out again."
)
TOO_MUCH_MEMORY = (
    "Reading it takes more memory than a document may need; print it to a new PDF and upload that."
)
TOO_MUCH_TIME = "Reading it takes longer than a document may take; print it to a new PDF and upload that."


def too_large(size: int, *, most_megabytes: float) -> str:
    """Return the sentence about a file of `size` bytes, when a document may have so many megabytes."""
    return (
        f"It has {size / MEGABYTE:.1f} MB; a document may have {most_megabytes:g} MB. Ask for a smaller copy."
    )
