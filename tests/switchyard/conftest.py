"""What the project's own tests share."""

from collections.abc import Iterator

import pytest

from packets.confined import confinement
from uploads.reading import CONFINEMENT


@pytest.fixture(scope="session", autouse=True)
def _ending() -> Iterator[None]:
    """End the processes that looked into files with the tests."""
    yield
    confinement.close()
    CONFINEMENT.close()
