"""Letting the unprivileged user reach what it must run and write, when the yard runs as root."""

import os
import pwd
import stat
from pathlib import Path
from typing import Any

SAFE_USER = "nobody"
"""PostgreSQL refuses to run as root; every machine has this user."""


def is_root() -> bool:
    """Say whether this process runs as root."""
    return os.geteuid() == 0


def identity(user: str | None) -> dict[str, Any]:
    """Return what subprocess needs to run a program as `user` and nothing more; None is our own user."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def give(path: Path) -> None:
    """Make the safe user the owner of `path`."""
    entry = pwd.getpwnam(SAFE_USER)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def take_back(path: Path) -> None:
    """Make this process's user the owner of `path` again."""
    os.chown(path, os.geteuid(), os.getegid())


def open_way(path: Path) -> None:
    """Let everyone pass through the folder `path` and those above it: pass, not list or read them."""
    for folder in (path, *path.parents):
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)


def open_tree(folder: Path) -> None:
    """Let everyone read and run what lies below `folder`: a program of a package that is public anyway."""
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0)
        if mode != wanted:
            path.chmod(wanted)
