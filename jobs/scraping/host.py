"""The disks of this host on which the platform keeps files: each host tells its own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from prometheus_client import Metric

from jobs.scraping.families import gauge


def collect() -> Iterator[Metric]:
    """Yield the room on the disk of each folder of METRICS_FOLDERS."""
    rooms = {name: _room(Path(folder)) for name, folder in settings.METRICS_FOLDERS.items()}
    yield gauge(
        "switchyard_disk_free_bytes",
        "Room on the disk of a folder of this host, for the platform's own user.",
        ("folder",),
        (((name,), free) for name, (_, free) in rooms.items()),
    )
    yield gauge(
        "switchyard_disk_size_bytes",
        "Size of the disk of a folder of this host.",
        ("folder",),
        (((name,), size) for name, (size, _) in rooms.items()),
    )


def _room(folder: Path) -> tuple[int, int]:
    """Return size and room of the disk on which `folder` is, or will be once it is made."""
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.total, usage.free
