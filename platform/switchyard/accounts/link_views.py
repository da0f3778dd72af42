"""Pages without sign-in for whoever forgot their password, and for the link that sets one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from emails import password_links
from emails.code_limits import spoken
from emails.models import LinkPurpose, PasswordLink
from jobs import guessing, people
from jobs.clients import client_address, network_of
from switchyard.accounts import login_changes, sessions
from switchyard.accounts.password_forms import ForgottenForm, NewPasswordForm
from switchyard.pages import guarding

SAID = {
    LinkPurpose.INVITATION: gettext_lazy("set a password by the link of an invitation"),
    LinkPurpose.RESET: gettext_lazy("set a password by the link for who forgot it"),
}
"""What the audit says of it."""


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for an address and say that a mail goes to it, whether or not anyone has it."""
    form = ForgottenForm(request.POST or None)
    if not form.is_valid():
        return render(request, "account/forgotten.html", {"form": form})
    now, email = timezone.now(), form.cleaned_data["email"]
    try:
        guessing.take(guessing.RESET_NETWORK, network_of(client_address(request)), now=now)
    except guessing.TooManyGuesses as refusal:
        form.add_error(
            None,
            _("Too many were asked for here. Please try again in {wait}.").format(wait=spoken(refusal.wait)),
        )
        page = render(request, "account/forgotten.html", {"form": form})
        return guarding.later(page, wait=refusal.wait)
    try:
        guessing.take(guessing.RESET, email, now=now)
        password_links.request_reset(email=email, now=now)
    except guessing.TooManyGuesses:
        pass  # three mails are on their way to that address; the page says the same
    return render(request, "account/forgotten.html", {"email": email})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask for a new password, and set it once; looking at the page uses nothing up, for mail scanners do."""
    now = timezone.now()
    try:
        link = password_links.open_link(secret, now=now)
        form = NewPasswordForm(request.POST or None, person=link.owner)
        if form.is_valid():
            _set(request, link, form)
            messages.success(request, _("Your password is set. Please sign in with it."))
            return redirect("sign-in")
    except password_links.LinkGone as gone:
        return render(request, "account/link_gone.html", {"reason": gone}, status=410)
    return render(request, "account/set_password.html", {"form": form, "person": link.owner})


def _set(request: HttpRequest, link: PasswordLink, form: NewPasswordForm) -> None:
    now, person = timezone.now(), link.owner
    with transaction.atomic():
        password_links.use_link(link, now=now)
        form.save()
        guessing.lift(person, network=network_of(client_address(request)))
        said = str(SAID[LinkPurpose(link.purpose)])
        if link.purpose == LinkPurpose.RESET:
            login_changes.tell(request, person=person, what=said, by=None)
        else:
            people.note(about=person, by=None, what=said, now=now)
    sessions.end_others(person, kept=None)
