"""A file that a supervisor touches as long as all is well: container engines cannot look inside.

Whoever looks takes a file for old that was not touched for fifteen seconds (`platform/deploy/healthy.py`).
"""

from pathlib import Path

import structlog

log = structlog.get_logger()


class CannotTell(Exception):
    """The file cannot be written; the sentence says why and what to do."""


class AliveFile:
    """Touches the file at `path`; before the first time and after the end there is none."""

    def __init__(self, path: Path | None) -> None:
        """Take away what an earlier process left there; without a path say nothing.

        Raises:
            CannotTell: the file cannot be written.
        """
        self._path = path
        self._has_failed = False
        try:
            if path is not None:
                path.touch()
                path.unlink()
        except OSError as error:
            message = f"--alive {path}: {error.strerror}. Name a file in a folder that we may write to."
            raise CannotTell(message) from error

    def tell(self) -> None:
        """Say that all is well."""
        if self._path is None:
            return
        try:
            self._path.touch()
        except OSError as error:
            if not self._has_failed:
                log.warning("alive_not_told", error=type(error).__name__)
            self._has_failed = True
        else:
            self._has_failed = False

    def close(self) -> None:
        """Say nothing any more."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
