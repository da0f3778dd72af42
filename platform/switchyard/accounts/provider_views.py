"""Pages of administrators: with which provider the people of a school sign in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jobs.access import needs, person_of
from jobs.models import School
from jobs.rights import Right
from switchyard.accounts import schools_own
from switchyard.accounts.provider_forms import ProviderForm


@needs(Right.SETTINGS)
@require_GET
def show_providers(request: HttpRequest) -> HttpResponse:
    """List the schools, and with what their people sign in."""
    apps = {app.provider_id: app for app in schools_own.offered()}
    schools = [(school, apps.get(school.slug)) for school in School.objects.exclude(slug="platform")]
    return render(request, "account/providers.html", {"schools": schools})


@needs(Right.SETTINGS)
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "POST"])
def change_provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the provider of one school."""
    school = get_object_or_404(School.objects.exclude(slug="platform"), slug=slug)
    app = schools_own.provider_of(school)
    before = (
        {
            "issuer": app.settings.get("server_url"),
            "client_id": app.client_id,
            "trusts_addresses": app.settings.get("trusts_addresses"),
        }
        if app
        else {}
    )
    form = ProviderForm(request.POST or None, initial=before)
    if form.is_valid():
        schools_own.set_provider(school=school, by=person_of(request), **form.cleaned_data)
        messages.success(request, f"The people of {school.name} may sign in with it now.")
        return redirect("providers")
    callback = request.build_absolute_uri(reverse("openid_connect_callback", args=[slug]))
    shown = {"form": form, "school": school, "app": app, "callback": callback}
    return render(request, "account/provider.html", shown, status=422 if form.is_bound else 200)


@needs(Right.SETTINGS)
@require_POST
def remove_provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Let nobody sign in with the school's provider any more."""
    school = get_object_or_404(School, slug=slug)
    schools_own.remove_provider(school=school, by=person_of(request))
    messages.success(request, f"The people of {school.name} sign in with a password.")
    return redirect("providers")
