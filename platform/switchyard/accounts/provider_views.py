"""Pages of administrators: with which provider the people of a school sign in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access import needs, person_of
from jobs.models import School
from jobs.rights import Right
from switchyard.accounts import provider_forms, saml_forms, saml_platform, schools_own
from switchyard.accounts.provider_forms import ProviderForm
from switchyard.accounts.saml_forms import SamlForm


@needs(Right.SETTINGS)
@require_safe
def show_providers(request: HttpRequest) -> HttpResponse:
    """List the schools, and with what their people sign in."""
    named = {app.provider_id: schools_own.called(app.settings) for app in schools_own.offered()}
    schools = [(school, named.get(school.slug)) for school in School.objects.exclude(slug="platform")]
    return render(request, "account/providers.html", {"schools": schools})


@needs(Right.SETTINGS)
@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
def change_provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the provider of one school: one that speaks OpenID Connect, or SAML."""
    school = get_object_or_404(School.objects.exclude(slug="platform"), slug=slug)
    app = schools_own.provider_of(school)
    sent = request.POST or None
    speaks_saml = request.POST.get("kind") == schools_own.SAML
    connect = ProviderForm(None if speaks_saml else sent, initial=provider_forms.shown_of(app))
    saml = SamlForm(sent if speaks_saml else None, initial=saml_forms.shown_of(app))
    if saml.is_valid():
        schools_own.set_saml(school=school, by=person_of(request), **saml.wanted)
    elif connect.is_valid():
        schools_own.set_openid_connect(school=school, by=person_of(request), **connect.cleaned_data)
    else:
        shown = {"form": connect, "saml": saml, "school": school, "app": app, **_addresses(request, slug)}
        shown["ends"] = saml_forms.ends_shown(app)
        return render(request, "account/provider.html", shown, status=422 if sent else 200)
    messages.success(request, _("The people of {school} may sign in with it now.").format(school=school.name))
    return redirect("providers")


@needs(Right.SETTINGS)
@require_POST
def remove_provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Let nobody sign in with the school's provider any more."""
    school = get_object_or_404(School, slug=slug)
    schools_own.remove_provider(school=school, by=person_of(request))
    messages.success(request, _("The people of {school} sign in with a password.").format(school=school.name))
    return redirect("providers")


def _addresses(request: HttpRequest, slug: str) -> dict[str, object]:
    """Return what the provider of a school must be told of us."""
    callback = reverse("openid_connect_callback", args=[slug])
    return {"callback": request.build_absolute_uri(callback), "place": saml_platform.place_of(request, slug)}
