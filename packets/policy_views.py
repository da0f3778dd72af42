"""The page on which staff choose what holds for their school's packets."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from jobs.access import needs, person_of, school_of
from jobs.rights import Right
from jobs.settings import switchyard
from packets import policies
from packets.models import PacketPolicy
from packets.policy_forms import PolicyForm

KEPT = _("Your choice is kept. Packets that are built from now on follow it.")
SAME = _("Nothing was changed: this is what held before.")


@needs(Right.SEND)
@require_http_methods(["GET", "HEAD", "POST"])
def change_policy(request: HttpRequest) -> HttpResponse:
    """Show what holds and who chose it, and keep another choice."""
    school = school_of(request)
    chosen = policies.policy_of(school).chosen
    names = ("kept_days", "most_documents", "most_megabytes", "most_pages", "notice")
    initial = {name: getattr(chosen, name, None) for name in names}
    initial["needs_consent"] = "yes" if chosen and chosen.needs_consent else "no"
    limits = switchyard().packets
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=initial, limits=limits)
    if form.is_valid():
        is_new = policies.choose(
            school=school, by=person_of(request), now=timezone.now(), **form.cleaned_data
        )
        messages.success(request, KEPT if is_new else SAME)
        return redirect("packets:policy")
    before = PacketPolicy.objects.filter(school=school).select_related("set_by")[:10]
    shown = {"form": form, "before": before, "usual_notice": policies.NOTICE}
    return render(request, "packets/policy.html", shown, status=422 if form.is_bound else 200)
