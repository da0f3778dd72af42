"""The newest snapshot as a file of this host: written whole or not at all, read also without a database."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

NAME = "snapshot.json"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What the status page shows, as it was seen at one moment."""

    at: datetime
    body: Mapping[str, Any]
    """In the shape of Statuspage's API, with more: see `jobs.status.snapshots`."""


def write(snapshot: Snapshot, *, folder: Path) -> None:
    """Keep `snapshot` in `folder`.

    Raises:
        OSError: it cannot be written there; the one before stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=folder, prefix=".snapshot-", delete=False, encoding="utf-8") as file:
        try:
            json.dump({"at": snapshot.at.isoformat(), "body": snapshot.body}, file)
            file.flush()
            Path(file.name).chmod(0o644)
            os.replace(file.name, folder / NAME)  # noqa: PTH105 - the one call that is atomic by contract
        except BaseException:
            with suppress(OSError):
                Path(file.name).unlink()
            raise


def read(*, folder: Path) -> Snapshot | None:
    """Return the snapshot that is kept in `folder`; None where there is none that can be read."""
    try:
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return Snapshot(at=datetime.fromisoformat(kept["at"]), body=kept["body"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
