"""Ops correct what the status page told: everybody reads the new text, and ops what it was."""

import pytest
from django.test import Client

from jobs.models import Incident, IncidentUpdate, TextCorrection
from jobs.testing import make_school
from tests.jobs.status.conftest import OPENED, See, shown


def test_text_that_was_told_is_corrected_for_everybody_and_kept_for_ops(ops: Client, see: See) -> None:
    see()
    ops.post("/ops/incidents/open/", OPENED)
    incident, [update] = Incident.objects.get(), IncidentUpdate.objects.all()
    page = f"/ops/incidents/{incident.code}/"
    told = {"before": OPENED["body"], "after": "Nobody can sign in since 8."}
    assert "Nobody can sign in since 9." in ops.get(f"{page}correct/{update.code}/").content.decode()
    assert ops.post(f"{page}correct/{update.code}/", told).status_code == 302
    assert ops.post(f"{page}correct/", {"before": "Logins fail", "after": "Sign-in fails"}).status_code == 302
    [public] = shown()["incidents"]
    assert (public["name"], public["incident_updates"][0]["body"]) == ("Sign-in fails", told["after"])
    assert OPENED["body"] not in str(shown())
    assert OPENED["body"] in ops.get(page).content.decode()
    [of_update] = TextCorrection.objects.filter(update_of=update)
    assert of_update.by is not None
    late = ops.post(f"{page}correct/{update.code}/", {**told, "after": "Nobody can sign in since 7."})
    assert (late.status_code, "Nobody can sign in since 7." in late.content.decode()) == (422, True)


def test_text_of_several_lines_is_corrected_as_browsers_send_it(ops: Client, see: See) -> None:
    see()
    ops.post("/ops/incidents/open/", OPENED | {"body": "Since 9.\r\nSorry."})
    update = IncidentUpdate.objects.get()
    page = f"/ops/incidents/{update.incident.code}/correct/{update.code}/"
    for before, after in (("Since 9.\r\nSorry.", "Since 8.\r\nSorry."), ("Since 8.\r\nSorry.", "Since 7.")):
        assert ops.post(page, {"before": before, "after": after}).status_code == 302
    IncidentUpdate.objects.update(body="Kept\r\nbefore.")
    assert ops.post(page, {"before": "Kept\r\nbefore.", "after": "Kept."}).status_code == 302
    assert shown()["incidents"][0]["incident_updates"][0]["body"] == "Kept."


def test_correction_that_names_somebody_is_refused(ops: Client, see: See) -> None:
    see()
    make_school(name="Northfield University")
    ops.post("/ops/incidents/open/", OPENED)
    incident = Incident.objects.get()
    asked = {"before": "Logins fail", "after": "Northfield University fails"}
    assert ops.post(f"/ops/incidents/{incident.code}/correct/", asked).status_code == 422
    assert Incident.objects.get().title == "Logins fail"


@pytest.mark.parametrize("title", ["Logins\nfail", "Logins\u2028fail"])
def test_title_is_one_line_as_mails_have_it_in_their_subject(ops: Client, see: See, title: str) -> None:
    see()
    assert ops.post("/ops/incidents/open/", OPENED | {"title": title}).status_code == 422
    ops.post("/ops/incidents/open/", OPENED)
    page = f"/ops/incidents/{Incident.objects.get().code}/correct/"
    assert ops.post(page, {"before": OPENED["title"], "after": title}).status_code == 422
