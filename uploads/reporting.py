"""What became of an upload, as a text for a file beside it or a mail."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from uploads.datasets import DATASETS
from uploads.models import Upload, UploadState


def report_of(upload: Upload, *, address: str = "") -> str:
    """Return what was found and done, in sentences; `address` is that of its page."""
    lines = [f"{upload.file.name}: {outcome_of(upload)}", *_counts(upload), *_problems(upload)]
    if address:
        lines += ["", _("See it: {address}").format(address=address)]
    return "\n".join(lines) + "\n"


OUTCOMES = {
    UploadState.REFUSED: gettext_lazy("it cannot be read, and nothing was imported."),
    UploadState.MAPPING: gettext_lazy(
        "its columns are not sure, and nothing was imported. Say on the page of the upload what they are; "
        "the next file with these headings is then read so."
    ),
    UploadState.IMPORTED: gettext_lazy("it is imported."),
    UploadState.UNDONE: gettext_lazy("its import was undone."),
}
SKIPPED = gettext_lazy("skipped, because they look like another person")
BROKEN_OFF = gettext_lazy("its work did not come to its end.")


def outcome_of(upload: Upload) -> str:
    """Return how it stands, in a sentence or two."""
    if upload.state == UploadState.CHECKED:
        return _what_holds_it(upload)
    why = upload.reason if upload.state == UploadState.REFUSED else ""
    if upload.state not in OUTCOMES:
        why = upload.job.error if upload.job else ""
    return f"{OUTCOMES.get(UploadState(upload.state), BROKEN_OFF)} {why}".strip()


def _what_holds_it(upload: Upload) -> str:
    if upload.is_held_back:
        return _("it is checked, and nothing was imported because a row is wrong.")
    if upload.sure_rows:
        return _("it is checked, and waits to be imported.")
    return _("it is checked, and there is no row to import.")


def _counts(upload: Upload) -> Iterator[str]:
    if not upload.was_checked:
        return
    counts = {
        _("new"): upload.new_rows,
        _("changed"): upload.sure_changed_rows,
        _("unchanged"): upload.unchanged_rows,
        **({str(SKIPPED): upload.skipped_rows} if DATASETS[upload.dataset].person else {}),
        _("wrong and left out"): upload.wrong_rows,
    }
    yield ""
    yield from (f"{count:>9,} {word}" for word, count in counts.items())


def _problems(upload: Upload) -> Iterator[str]:
    if not upload.problem_counts:
        return
    yield ""
    yield _("What is wrong:")
    for found in upload.problem_counts:
        column = f"{found['column']}: " if found["column"] else ""
        yield f"{found['count']:>9,} \u00d7 {column}{found['reason']}"
