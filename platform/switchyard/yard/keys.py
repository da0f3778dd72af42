"""Secrets of the yard: each is made once and kept in a file that only its owner reads."""

import os
import secrets
from pathlib import Path


def kept(folder: Path, name: str) -> str:
    """Return the secret `name` that is kept in `folder`; make it when it is not there yet."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Write the file in one step, readable by its owner alone."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)
