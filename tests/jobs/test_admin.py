"""Django's admin: every list opens for a superuser, and it has no sign-in of its own."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from jobs.models import Person, Role
from jobs.testing import PASSWORD, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser(client: Client) -> Client:
    person = Person.objects.create_superuser(email="admin@school.example", password=PASSWORD, name="Admin")
    client.force_login(person)
    return client


def test_every_list_opens(superuser: Client) -> None:
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert superuser.get(address).status_code == 200, address


def test_jobs_are_only_looked_at(superuser: Client) -> None:
    assert superuser.get(reverse("admin:jobs_job_add")).status_code == 403


def test_its_own_sign_in_leads_to_ours_because_it_asks_for_no_code(client: Client) -> None:
    person = make_person(role=Role.ADMIN)
    response = client.post("/admin/login/", {"username": person.email, "password": PASSWORD}, follow=True)
    assert response.request["PATH_INFO"] == "/sign-in/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", Role)
def test_who_is_no_superuser_stays_out_whatever_the_role(client: Client, role: Role) -> None:
    client.force_login(make_person(role=role))
    assert client.get("/admin/", follow=True).request["PATH_INFO"] == "/"
    assert client.get("/admin/jobs/school/").status_code == 302
