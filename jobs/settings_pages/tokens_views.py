"""The page of the tokens of all schools: which programs are let in, and revoking one with a reason."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from jobs import tokens
from jobs.access import for_operations, require_admin
from jobs.forms import ReasonField
from jobs.models import ApiToken, School, TokenEvent

TOKENS_A_PAGE = 50
EVENTS_SHOWN = 20


class SchoolFilter(forms.Form):
    """Of which school they are."""

    school = forms.ModelChoiceField(
        School.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=_("All schools"),
        label=_("School"),
    )


class RevokeForm(forms.Form):
    """Why a token is revoked."""

    why = ReasonField(required=True, label=_("Why"), help_text=_("Kept for the audit."))


@never_cache
@require_safe
@for_operations
def show_tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens, newest first, and what was done about them lately."""
    chosen = SchoolFilter(request.GET)
    found = ApiToken.objects.select_related("school", "created_by")
    events = TokenEvent.objects.select_related("school", "token", "by")
    if chosen.is_valid() and (school := chosen.cleaned_data["school"]):
        found, events = found.filter(school=school), events.filter(school=school)
    page = Paginator(found, TOKENS_A_PAGE).get_page(request.GET.get("page"))
    shown = {"filter": chosen, "page": page, "events": events[:EVENTS_SHOWN], "now": timezone.now()}
    return render(request, "jobs/settings/tokens.html", shown)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@for_operations
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why the token shall be revoked, and revoke it."""
    by, form = require_admin(request), RevokeForm(request.POST or None)
    token = get_object_or_404(ApiToken.objects.select_related("school", "created_by"), pk=pk)
    if form.is_valid():
        if tokens.revoke(token, by=by, why=form.cleaned_data["why"]):
            messages.success(
                request,
                gettext("The token “{token}” of {school} lets nobody in any more.").format(
                    token=token, school=token.school
                ),
            )
        else:
            messages.info(request, gettext("The token “{token}” was revoked before.").format(token=token))
        return redirect("jobs:settings-tokens")
    shown = {"token": token, "form": form, "now": timezone.now()}
    return render(request, "jobs/settings/token_revoke.html", shown, status=422 if form.is_bound else 200)
