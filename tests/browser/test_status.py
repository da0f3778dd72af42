"""The public status page in a real browser: without sign-in, in both themes, on a phone."""

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.journey]

SECONDS = 1000.0
FIRST_LOOK = 60 * SECONDS
PARTS = ("Web pages", "Sign-in codes", "Document packets", "Data uploads", "Mailings", "Webhooks")


def test_anybody_reads_how_the_platform_does(page: Page) -> None:
    said: list[ConsoleMessage] = []
    page.on("console", lambda message: said.append(message))  # noqa: PLW0108  (Playwright marks what it calls)
    page.goto("/status/")
    for part in PARTS:
        # The first look at the lanes comes within seconds, and the page shows it by itself.
        expect(page.get_by_role("rowheader", name=part)).to_be_visible(timeout=FIRST_LOOK)
    assert [message.text for message in said if message.type == "error"] == []
    answer = page.request.get("/status/api/v2/summary.json")
    assert [component["name"] for component in answer.json()["components"]] == list(PARTS)
    page.get_by_role("link", name="Be told").click()
    expect(page.get_by_role("heading", name="Be told of incidents")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/status/", "/status/history/", "/status/subscribe/"])
def test_status_pages_fit_a_phone(page: Page, scheme: str, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
