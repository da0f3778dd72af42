"""Pages of a school's tokens: the list, a new one, revoking one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from jobs import tokens
from jobs.access import needs, person_of, school_of
from jobs.models import ApiToken
from jobs.rights import Right
from jobs.settings import switchyard
from jobs.token_forms import TokenForm


@require_safe
def show_tokens(request: HttpRequest) -> HttpResponse:
    """List the school's tokens, newest first."""
    found = ApiToken.objects.filter(school=school_of(request)).select_related("created_by")
    most = switchyard().api.requests_a_minute
    shown = {"tokens": found, "now": timezone.now(), "requests_a_minute": most}
    return render(request, "jobs/tokens.html", shown)


@needs(Right.PROGRAMS)
@never_cache
@sensitive_variables("text")
@require_http_methods(["GET", "HEAD", "POST"])
def make_token(request: HttpRequest) -> HttpResponse:
    """Ask what a new token is for, make it, and show its text, this once: no page and no row keeps it."""
    school, form = school_of(request), TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.chosen(now=timezone.now())
        token, text = tokens.make(school=school, by=person_of(request), **chosen)
        return render(request, "jobs/token_made.html", {"token": token, "text": text})
    return render(request, "jobs/token_new.html", {"form": form}, status=422 if form.is_bound else 200)


@needs(Right.PROGRAMS)
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether the token shall be revoked, and revoke it."""
    token = get_object_or_404(ApiToken.objects.filter(school=school_of(request)), pk=pk)
    if request.method == "POST":
        tokens.revoke(token, by=person_of(request))
        messages.success(request, _("The token “{token}” lets nobody in any more.").format(token=token))
        return redirect("jobs:tokens")
    return render(request, "jobs/token_revoke.html", {"token": token})
