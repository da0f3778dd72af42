"""What must hold around a yard before it starts anything: a folder that keeps, settings that can be read."""

import runpy
import tempfile
from pathlib import Path

from switchyard import web
from switchyard.env import WrongVariable
from switchyard.yard import CannotRun


class WrongSurroundings(CannotRun):
    """The folder or the environment cannot work."""


def require_folder(folder: Path) -> None:
    """Make `folder` when it is not there, and return when files can be kept in it.

    Raises:
        WrongSurroundings: naming the folder, and what the system said.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = (
            f"SWITCHYARD_VAR is {str(folder)!r}, where nothing can be kept ({error.strerror}). "
            "Name a folder that is there or can be made, and that you may write."
        )
        raise WrongSurroundings(message) from error


def require_settings() -> None:
    """Return when the platform's settings can be read from the environment.

    They are read and forgotten: the yard adds to the environment what it starts, then reads them again.

    Raises:
        WrongSurroundings: naming the variable.
    """
    try:
        runpy.run_module("switchyard.settings")
        web.read()
    except WrongVariable as error:
        raise WrongSurroundings(str(error)) from error
