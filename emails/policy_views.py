"""The page on which staff choose how files go with their school's mailings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from emails import policies, queries
from emails.policy_forms import PolicyForm
from emails.settings import mail_settings
from jobs.access import needs, person_of, school_of
from jobs.links import can_link
from jobs.rights import Right


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def change_policy(request: HttpRequest) -> HttpResponse:
    """Show what holds and who chose it, and keep another choice."""
    school, policy = school_of(request), policies.policy_of(school_of(request))
    initial = {"way": policy.way, "link_above_megabytes": f"{policy.link_above_megabytes:g}"}
    form = PolicyForm(request.POST or None, initial=initial)
    if form.is_valid():
        is_new = policies.choose(school=school, by=person_of(request), now=timezone.now(), **form.chosen())
        messages.success(request, _(policies.KEPT if is_new else policies.SAME))
        return redirect("emails:policy")
    shown = {
        "form": form,
        "policy": policy,
        "before": queries.attachment_policies_of(school),
        "can_link": can_link(),
        "link_days": mail_settings().link_days,
    }
    return render(request, "emails/policy.html", shown, status=422 if form.is_bound else 200)
