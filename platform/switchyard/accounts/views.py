"""Pages of a person's own account: where they are signed in, and a new password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access import person_of
from switchyard.accounts import login_changes, sessions
from switchyard.accounts.password_forms import NewPasswordForm, OwnPasswordForm


@require_safe
def show_sessions(request: HttpRequest) -> HttpResponse:
    """List where the person is signed in."""
    found = [
        (session, sessions.spoken_agent(session.user_agent))
        for session in sessions.of_person(request, person_of(request))
    ]
    return render(request, "account/sessions.html", {"sessions": found})


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign the person out in one other place.

    Raises:
        Http404: it is no session of theirs.
    """
    if not sessions.end_one(person_of(request), pk=pk):
        raise Http404
    messages.success(request, _("You are signed out there."))
    return redirect("sessions")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign the person out everywhere but here."""
    sessions.end_others(person_of(request), kept=request.session.session_key)
    messages.success(request, _("You are signed out everywhere but here."))
    return redirect("sessions")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Ask for the password and a new one; a change ends all other sessions."""
    person = person_of(request)
    if not person.has_usable_password():
        return render(request, "account/no_password.html")
    sent = request.POST or None
    own, new = OwnPasswordForm(sent, request=request), NewPasswordForm(sent, person=person)
    if sent is not None and own.is_valid() and new.is_valid():
        new.save()
        login_changes.tell(request, person=person, what=str(login_changes.PASSWORD_CHANGED), by=person)
        update_session_auth_hash(request, person)
        sessions.end_others(person, kept=request.session.session_key)
        messages.success(request, _("Your password is changed. You are signed out everywhere but here."))
        return redirect("mfa_index")
    shown = {"own": own, "new": new}
    return render(request, "account/password.html", shown, status=422 if sent is not None else 200)
