"""Whether this container is well: `healthy.py web`, `healthy.py flower`, or a supervisor's --alive file.

It knows neither Django nor Celery, so that it starts in no time: it does so every ten seconds.
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

OLD_SECONDS = 15
ANSWER_SECONDS = 4


def main(what: str) -> str | None:
    """Return what is wrong with `what`, or None."""
    if what == "web":
        return unanswered(os.environ.get("WEB_BIND", ":8000"), path="/health")
    if what == "flower":
        prefix = os.environ.get("FLOWER_URL_PREFIX", "").strip("/")
        path = f"/{prefix}/healthcheck" if prefix else "/healthcheck"
        return unanswered(os.environ.get("FLOWER_PORT", "5555"), path=path)
    return untouched(Path(what))


def unanswered(place: str, *, path: str) -> str | None:
    """Return why `path` at the port of `place` does not answer well, or None."""
    url = f"http://127.0.0.1:{place.rpartition(':')[2]}{path}"
    try:
        urllib.request.urlopen(url, timeout=ANSWER_SECONDS).close()
    except OSError as error:
        return f"{url}: {error}"
    return None


def untouched(file: Path) -> str | None:
    """Return why `file` tells of nobody who is well, or None."""
    try:
        age = time.time() - file.stat().st_mtime
    except OSError:
        return f"There is no {file}: nobody is well here yet, or any more."
    return None if age <= OLD_SECONDS else f"{file} was not touched for {age:.0f} seconds."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
