"""A scrape, read back by the reader of the same library."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from jobs.scraping.page import page
from jobs.tallies import tallies

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """Begin without the page and the numbers of another test, and leave nothing."""
    page.forget()
    tallies.take()
    yield
    page.forget()
    tallies.take()


def figures_of(text: str) -> Figures:
    """Return the figures of a page by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def scrape(db: None, client: Client) -> Callable[[], Figures]:
    """Return what asks the page anew, from this machine."""

    def ask() -> Figures:
        page.forget()
        answer = client.get("/metrics", HTTP_HOST="127.0.0.1:8000")
        assert answer.status_code == 200, answer.content
        return figures_of(answer.content.decode())

    return ask


def at(figures: Figures, name: str, **labels: str) -> float | None:
    """Return one figure; None when it is absent."""
    return figures.get((name, frozenset(labels.items())))
