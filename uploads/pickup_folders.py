"""A folder from which files are picked up: which are complete, and moving them; each step is one rename."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

TAKEN, DONE, FAILED = "taken", "done", "failed"
"""The folders below: of files that are worked on, and of those that are done with, with a report beside."""
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp", "~")
"""How software marks what it still writes; names that begin with a dot are left alone too."""
MARK_SIGNS = 36
LONGEST_NAME = 120
"""Bytes: with the mark, or with what it is called and its report, a name must fit into 255 of them."""

Seen = tuple[int, int]
"""Size and time of a file."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A file that was taken: its mark is its own, whatever it is called."""

    path: Path
    mark: UUID

    @property
    def name(self) -> str:
        """What the file was called."""
        return self.path.name[MARK_SIGNS + 1 :]


@dataclass
class Watch:
    """Since when files look as they do, as far as this process has seen."""

    _since: dict[Path, tuple[Seen, datetime]] = field(default_factory=dict)

    def stable(self, folder: Path, *, seconds: float, now: datetime) -> Iterator[Path]:
        """Yield the files of the folder that have not changed for so long; others are looked at again."""
        found = dict(_files(folder))
        for path in [path for path in self._since if path.parent == folder and path not in found]:
            del self._since[path]
        for path, seen in sorted(found.items()):
            before, since = self._since.get(path, (None, now))
            if before != seen:
                since = now
            self._since[path] = (seen, since)
            if now - since >= timedelta(seconds=seconds):
                yield path


def make_folders(folder: Path) -> None:
    """Make the folder and those below it, where they are not there.

    A school's software may put links there, which could lead into another school's folders. Honest limit:
    one that takes a folder's place right afterwards is followed.

    Raises:
        NotADirectoryError: one of them is a link.
    """
    for each in (folder, folder / TAKEN, folder / DONE, folder / FAILED):
        each.mkdir(parents=True, exist_ok=True)
        if each.is_symlink():
            raise NotADirectoryError(each)


def take(path: Path) -> Taken:
    """Take a file out of its folder, so that it is this one whatever comes by its name."""
    mark = uuid4()
    name = os.fsdecode(os.fsencode(path.name)[-LONGEST_NAME:])
    target = path.parent / TAKEN / f"{mark} {name}"
    path.rename(target)
    return Taken(path=target, mark=mark)


def taken_in(folder: Path) -> Iterator[Taken]:
    """Yield the files that were taken and are not done with, by their mark."""
    for path, _ in sorted(_files(folder / TAKEN)):
        try:
            yield Taken(path=path, mark=UUID(path.name[:MARK_SIGNS]))
        except ValueError:
            continue  # somebody else put it there


def put_away(taken: Taken, *, into: str, called: str, report: str) -> None:
    """Move a taken file into one of the folders, with a report beside it that is there first."""
    name = Path(taken.name)
    target = taken.path.parent.parent / into / f"{name.stem} ({called}){name.suffix}"
    beside = target.with_name(f"{target.name}.txt")
    written = beside.with_name(f".{beside.name}.part")
    written.write_text(report, encoding="utf-8")
    written.replace(beside)
    taken.path.replace(target)


def _files(folder: Path) -> Iterator[tuple[Path, Seen]]:
    """Yield the folder's own files, no links, with what they look like."""
    with os.scandir(folder) as entries:
        for entry in entries:
            hidden = entry.name.startswith(".") or entry.name.lower().endswith(UNFINISHED)
            if not hidden and entry.is_file(follow_symlinks=False):
                state = entry.stat(follow_symlinks=False)
                yield Path(entry.path), (state.st_size, state.st_mtime_ns)
