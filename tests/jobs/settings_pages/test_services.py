"""The pages of outside services: those that kinds go to get limits; a name that none goes to has no page."""

from django.test import Client

from jobs.registry import Kind
from jobs.settings import look_again
from jobs.testing import kind_in_lane
from tests.jobs.settings_pages.conftest import send, text_of


class Calendar(Kind):
    """Goes to a service of its own."""

    label = "Calendar entry"
    unit = "entries"
    service = "calendar"


def test_service_that_only_a_kind_names_is_listed_and_gets_limits(admin: Client) -> None:
    address = "/ops/settings/services/calendar/"
    with kind_in_lane(Calendar, name="tests.calendar", lane="mail"):
        assert "calendar : no limit" in text_of(admin.get("/ops/settings/").content.decode())
        assert send(admin, address, rate="5").status_code == 302
        assert look_again().services["calendar"].rate == 5
        assert "calendar : 5 units a second" in text_of(admin.get("/ops/settings/").content.decode())
        assert "No kind of job goes to it" not in admin.get(address).content.decode()


def test_service_that_no_kind_goes_to_any_more_says_so_and_loses_its_limits(admin: Client) -> None:
    address = "/ops/settings/services/calendar/"
    with kind_in_lane(Calendar, name="tests.calendar", lane="mail"):
        send(admin, address, rate="5")
    told = "No kind of job goes to it, so its limits hold nothing back."
    assert told in text_of(admin.get("/ops/settings/").content.decode())
    assert f"{told} Kinds go to: relay." in text_of(admin.get(address).content.decode())
    assert send(admin, address, rate="").status_code == 302
    assert admin.get(address).status_code == 404
