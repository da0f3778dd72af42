"""The keys of backups: anyone who has the public half can back up, and only the secret half can restore."""

import os
from pathlib import Path

import pyrage

from switchyard.backups import CannotBackUp
from switchyard.backups.sealing import Identity, Recipient


def make(path: Path) -> str:
    """Write a new secret key to `path`, for our user's eyes alone, and return its public half.

    Raises:
        CannotBackUp: it cannot be written there.
    """
    made = Identity.generate()
    text = f"# Secret key of backups. Its public half: {made.to_public()}\n{made}\n"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600), "w") as file:
            file.write(text)
    except OSError as error:
        message = f"The key cannot be written to {path}: {error.strerror}."
        raise CannotBackUp(message) from error
    return str(made.to_public())


def recipient(text: str) -> Recipient:
    """Return the public half that `text` is.

    Raises:
        CannotBackUp: it is none.
    """
    try:
        return Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        message = f"{text!r} is no recipient: give the text age1... that `backup --make-key` printed."
        raise CannotBackUp(message) from error


def identity(path: Path) -> Identity:
    """Return the secret key in the file, whose lines with # are notes.

    Raises:
        CannotBackUp: there is none in it.
        OSError: the file cannot be read.
    """
    lines = [line.strip() for line in path.read_text(errors="replace").splitlines()]
    keys = [line for line in lines if line and not line.startswith("#")]
    try:
        return Identity.from_str(keys[0] if keys else "")
    except pyrage.IdentityError as error:
        message = f"{path} holds no secret key: its line should begin with AGE-SECRET-KEY-1."
        raise CannotBackUp(message) from error
