"""Values that may stand but do not do what they seem to: a sentence beside the field says what they do."""

import pytest
from django.test import Client

from tests.jobs.settings_pages.conftest import send, text_of

LANES = "/ops/settings/lanes"
NO_CAP = "It has no effect while the lane has {} workers at most: no school can have more parts at work."
NO_BURST = "Less than one unit saves nothing: each part waits until the one before it is paid off."
FIELDS = [
    (f"{LANES}/bulk/", {"school_workers": "25"}, NO_CAP.format(24)),
    (f"{LANES}/bulk/", {"most_workers": "", "school_workers": "9"}, NO_CAP.format(8)),
    (f"{LANES}/bulk/", {"service_workers": "25"}, "no more parts can go to one service."),
    (f"{LANES}/bulk/", {"rate": "5", "burst": "0.5"}, NO_BURST),
    ("/ops/settings/services/relay/", {"rate": "5", "burst": "0.5"}, NO_BURST),
    (f"{LANES}/codes/", {"rate": "1"}, "Then 60 people a minute can sign in, and everybody else waits."),
    (f"{LANES}/codes/", {"school_rate": "0.5"}, "Then 30 people a minute of each school can sign in"),
]


@pytest.mark.parametrize(("address", "changes", "sentence"), FIELDS)
def test_value_that_does_nothing_or_much_is_told_with_its_effect_and_once_it_is_in_force(
    admin: Client, address: str, changes: dict[str, str], sentence: str
) -> None:
    assert sentence not in text_of(admin.get(address).content.decode())
    answer = send(admin, address, button="preview", **changes)
    assert answer.status_code == 200
    page = answer.content.decode()
    *_, field = changes
    told = page.index(sentence) - page.index(f'name="{field}"')
    assert 0 < told < 500, "it stands elsewhere"
    assert send(admin, address, confirmed="codes", **changes).status_code == 302
    assert sentence in text_of(admin.get(address).content.decode())


@pytest.mark.parametrize(
    "changes",
    [
        {"school_workers": "9", "most_workers": "9"},
        {"school_workers": "24"},
        {"school_workers": "8", "most_workers": ""},
        {"rate": "5", "burst": "1"},
        {"rate": "1"},
    ],
)
def test_value_that_does_what_it_seems_to_has_no_warning(admin: Client, changes: dict[str, str]) -> None:
    page = send(admin, f"{LANES}/bulk/", button="preview", **changes).content.decode()
    assert "What would change" in page
    assert '<p class="notice warning">' not in page


def test_limit_says_that_it_is_counted_when_a_part_begins(admin: Client) -> None:
    told = "All units of a part are counted when it begins, so for moments more may leave."
    assert text_of(admin.get(f"{LANES}/bulk/").content.decode()).count(told) == 2
    assert told in text_of(admin.get("/ops/settings/services/relay/").content.decode())


def test_effect_is_what_the_browser_shows_after_the_click(admin: Client) -> None:
    """It stands below all fields, and whoever saw the top of the page only saw nothing."""
    for changes in ({"workers": "4"}, {}):
        page = send(admin, f"{LANES}/bulk/", button="preview", **changes).content.decode()
        assert 'name="preview" value="1" class="button" formaction="#effect"' in page
        assert page.count('id="effect"') == 1
