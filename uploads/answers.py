"""What programs are told of an upload."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from jobs.api.answer import Answer
from jobs.api.schemas import FileOut
from jobs.models import StoredFile
from uploads.datasets import DATASETS
from uploads.models import Upload, UploadState
from uploads.suggesting import Suggestion


class RowsOut(Answer):
    """How many rows are of which sort: what an import would do, or did."""

    new: int
    changed: int
    unchanged: int
    skipped: int
    """Good rows that look like another person than the known one: left out unless that is wished."""
    wrong: int
    """Left out."""


class ColumnOut(Answer):
    """A column of the file."""

    place: int
    """From 0."""
    heading: str
    samples: list[str]
    """Its first few values."""
    read_as: str | None
    """The dataset's column; null for one that is not read."""
    suggested: str | None
    """What it would be read as by its name, its likeness, or what the school chose before."""


class WrongCellOut(Answer):
    """One thing that is wrong."""

    row: int
    """As a spreadsheet program counts."""
    column: str
    """The file's own heading; empty when the row as a whole is wrong."""
    value: str
    reason: str
    remedy: str

    @classmethod
    def of(cls, problem: Mapping[str, Any]) -> Self:
        """Describe a problem as an upload keeps it, without what its page needs besides."""
        return cls(**{name: problem[name] for name in cls.model_fields})


class ProblemCountOut(Answer):
    """How often one sort of problem was found."""

    column: str
    reason: str
    """What is wrong with all of them."""
    count: int


class UploadOut(Answer):
    """An upload as lists show it."""

    id: int
    dataset: str
    file: FileOut
    state: UploadState
    reason: str
    """A sentence when the file cannot be read, else empty."""
    rows: RowsOut | None
    """Null until it was checked."""
    created_at: datetime
    imported_at: datetime | None
    check_job: int | None
    import_job: int | None
    undo_job: int | None

    @classmethod
    def of(cls, upload: Upload, **more: Any) -> Self:
        """Describe `upload`, whose file is loaded."""
        rows = RowsOut(
            new=upload.new_rows,
            changed=upload.sure_changed_rows,
            unchanged=upload.unchanged_rows,
            skipped=upload.skipped_rows,
            wrong=upload.wrong_rows,
        )
        return cls(
            id=upload.pk,
            dataset=upload.dataset,
            file=FileOut.of(upload.file),
            state=UploadState(upload.state),
            reason=upload.reason,
            rows=rows if upload.was_checked else None,
            created_at=upload.created_at,
            imported_at=upload.imported_at,
            check_job=upload.check_job_id,
            import_job=upload.import_job_id,
            undo_job=upload.undo_job_id,
            **more,
        )


class UploadDetail(UploadOut):
    """An upload with what its check found; `GET /jobs/{id}` tells where its jobs stand."""

    columns: list[ColumnOut]
    missing: list[str]
    """Required columns of the dataset that no column of the file is read as, nor suggested for."""
    problems: list[WrongCellOut]
    """The first 50; `problem_counts` counts all, and the error file has all."""
    problem_counts: list[ProblemCountOut]
    error_file: FileOut | None
    """The wrong rows with what is wrong, to be corrected and sent again."""
    change_file: FileOut | None
    """What would change in known rows, cell by cell."""
    kept_file: FileOut | None
    """Rows that an undoing left as they are, and why."""
    can_be_undone: bool
    same_imported_at: datetime | None
    """When the very same file was imported before, and not undone; importing it again changes little."""

    @classmethod
    def told(cls, upload: Upload, *, suggestion: Suggestion, same_imported_at: datetime | None) -> Self:
        """Describe `upload`, whose files are loaded."""
        return cls.of(
            upload,
            columns=_columns(upload, suggestion),
            missing=[column.name for column in suggestion.missing] if upload.places is None else [],
            problems=[WrongCellOut.of(problem) for problem in upload.problems],
            problem_counts=[ProblemCountOut(**counted) for counted in upload.problem_counts],
            error_file=_file(upload.error_file),
            change_file=_file(upload.change_file),
            kept_file=_file(upload.kept_file),
            can_be_undone=upload.can_be_undone,
            same_imported_at=same_imported_at,
        )


class UploadsOut(Answer):
    """A page of uploads, newest first."""

    uploads: list[UploadOut]
    next: str | None
    """The `cursor` of the next page; null when this is the last."""


class DatasetColumnOut(Answer):
    """A column of a dataset."""

    name: str
    heading: str
    is_required: bool
    rule: str
    """What may stand in it."""
    synonyms: list[str]


class DatasetOut(Answer):
    """What can be uploaded."""

    name: str
    key: list[str]
    """The columns by which a row is known."""
    columns: list[DatasetColumnOut]


class DatasetsOut(Answer):
    """All that can be uploaded."""

    datasets: list[DatasetOut]


def described_datasets() -> DatasetsOut:
    """Return all datasets."""
    return DatasetsOut(
        datasets=[
            DatasetOut(
                name=dataset.name,
                key=list(dataset.key),
                columns=[
                    DatasetColumnOut(
                        name=column.name,
                        heading=column.heading,
                        is_required=column.is_required,
                        rule=column.rule,
                        synonyms=list(column.synonyms),
                    )
                    for column in dataset.columns
                ],
            )
            for dataset in DATASETS.values()
        ]
    )


def _columns(upload: Upload, suggestion: Suggestion) -> list[ColumnOut]:
    read = {place: name for name, place in (upload.places or {}).items()}
    suggested = {place: name for name, place in suggestion.places.items()}
    return [
        ColumnOut(
            place=place,
            heading=heading,
            samples=upload.samples[place],
            read_as=read.get(place),
            suggested=suggested.get(place),
        )
        for place, heading in enumerate(upload.headings)
    ]


def _file(stored: StoredFile | None) -> FileOut | None:
    return FileOut.of(stored) if stored else None
