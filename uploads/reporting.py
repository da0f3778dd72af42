"""What became of an upload, as a text for a file beside it or a mail."""

from collections.abc import Iterator

from uploads.datasets import DATASETS
from uploads.models import Upload, UploadState


def report_of(upload: Upload, *, address: str = "") -> str:
    """Return what was found and done, in sentences; `address` is that of its page."""
    lines = [f"{upload.file.name}: {outcome_of(upload)}", *_counts(upload), *_problems(upload)]
    if address:
        lines += ["", f"See it: {address}"]
    return "\n".join(lines) + "\n"


OUTCOMES = {
    UploadState.REFUSED: "it cannot be read, and nothing was imported.",
    UploadState.MAPPING: (
        "its columns are not sure, and nothing was imported. Say on the page of the upload what they are; "
        "the next file with these headings is then read so."
    ),
    UploadState.IMPORTED: "it is imported.",
    UploadState.UNDONE: "its import was undone.",
}
SKIPPED = "skipped, because they look like another person"
BROKEN_OFF = "its work did not come to its end."


def outcome_of(upload: Upload) -> str:
    """Return how it stands, in a sentence or two."""
    if upload.state == UploadState.CHECKED:
        return f"it is checked, and {_what_holds_it(upload)}"
    why = upload.reason if upload.state == UploadState.REFUSED else ""
    if upload.state not in OUTCOMES:
        why = upload.job.error if upload.job else ""
    return f"{OUTCOMES.get(UploadState(upload.state), BROKEN_OFF)} {why}".strip()


def _what_holds_it(upload: Upload) -> str:
    if upload.is_held_back:
        return "nothing was imported because a row is wrong."
    return "waits to be imported." if upload.sure_rows else "there is no row to import."


def _counts(upload: Upload) -> Iterator[str]:
    if not upload.was_checked:
        return
    counts = {
        "new": upload.new_rows,
        "changed": upload.sure_changed_rows,
        "unchanged": upload.unchanged_rows,
        **({SKIPPED: upload.skipped_rows} if DATASETS[upload.dataset].person else {}),
        "wrong and left out": upload.wrong_rows,
    }
    yield ""
    yield from (f"{count:>9,} {word}" for word, count in counts.items())


def _problems(upload: Upload) -> Iterator[str]:
    if not upload.problem_counts:
        return
    yield ""
    yield "What is wrong:"
    for found in upload.problem_counts:
        column = f"{found['column']}: " if found["column"] else ""
        yield f"{found['count']:>9,} \u00d7 {column}{found['reason']}"
