"""What a job's page tells of a crash."""

from typing import Any

from django.test import Client

from jobs.testing import make_person, run_parts


def test_history_names_a_crash_for_those_who_may_see_the_job(client: Client, steps: Any) -> None:
    person = make_person()
    job = steps.submit(person.school, 1)
    steps.errors.append(KeyError("<b>ana@uni.example"))
    run_parts(lane="mail")
    client.force_login(person)
    assert "KeyError: &#x27;&lt;b&gt;[address]&#x27;" in client.get(f"/jobs/{job.pk}/").content.decode()
    client.force_login(make_person())
    assert client.get(f"/jobs/{job.pk}/").status_code == 404
