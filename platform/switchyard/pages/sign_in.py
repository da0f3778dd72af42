"""Views of signing in and out: a password, then the code that was mailed, or another second step."""

from http import HTTPStatus
from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emails import codes
from emails.code_limits import TooManyCodes
from switchyard.accounts import schools_own, second_steps
from switchyard.pages import confirming, guarding
from switchyard.pages.forms import CodeForm, SignInForm

WRONG = gettext_lazy("The e-mail address and the password do not fit together. Please check both.")


@login_not_required
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"form-action": settings.SIGN_IN_LEADS_TO})
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail address and password; if they are right, send a code and go to its page."""
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form, status, wait = SignInForm(request.POST or None), HTTPStatus.OK, None
    if form.is_valid():
        try:
            answer = _begin(request, form)
        except (TooManyCodes, guarding.TooManyWrong) as refusal:
            form.add_error(None, str(refusal))
            wait = refusal.wait
        except guarding.SchoolIsOff as refusal:
            form.add_error(None, str(refusal))
            status = HTTPStatus.FORBIDDEN
        else:
            if answer is not None:
                return answer
    wanted = request.GET.get("next", "")
    context = {
        "form": form,
        "next": wanted,
        "providers": schools_own.offered(),
        "has_mailbox": bool(settings.MAIL_CATCHER_FOLDER),
    }
    page = render(request, "pages/sign_in.html", context, status=status)
    return guarding.later(page, wait=wait) if wait else page


def _begin(request: HttpRequest, form: SignInForm) -> HttpResponse | None:
    """Lead the person whose address and password were typed to their second step; note it when there is none.

    Who has an app or a passkey is asked for that, everybody else gets a code by mail.
    """
    email, password = form.cleaned_data["email"], form.cleaned_data["password"]
    person = guarding.person_with(request, email=email, password=password)
    wanted = request.GET.get("next", "")
    if person is None:
        form.add_error(None, WRONG)
        return None
    if second_steps.has_one(person):
        return guarding.enter(request, person=person, next_address=wanted)
    confirming.begin(request, person=person, next_address=wanted, now=timezone.now())
    return redirect("confirm")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the code; the right one signs the person in."""
    now = timezone.now()
    waiting = confirming.current(request, now=now)
    if waiting is None:
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        try:
            codes.redeem(person=waiting.person, code=form.cleaned_data["code"], now=now)
        except codes.CodeRefused as refusal:
            form.add_error("code", str(refusal))
        else:
            return _enter(request, waiting)
    return render(request, "pages/confirm.html", {"form": form, **_code_mail(waiting)})


@login_not_required
@never_cache
@require_safe
def show_code_mail(request: HttpRequest) -> HttpResponse:
    """Refresh the line that says where the code mail stands."""
    waiting = confirming.current(request, now=timezone.now())
    return render(request, "pages/code_mail.html", _code_mail(waiting) if waiting else {})


@login_not_required
@require_POST
def send_code_again(request: HttpRequest) -> HttpResponse:
    """Send another code, if there is room for one."""
    now = timezone.now()
    waiting = confirming.current(request, now=now)
    if waiting is None:
        return redirect("sign-in")
    try:
        confirming.send_again(request, waiting=waiting, now=now)
    except TooManyCodes as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way. Only the newest one works."))
    return redirect("confirm")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


def _enter(request: HttpRequest, waiting: confirming.HalfSignedIn) -> HttpResponse:
    confirming.forget(request)
    return guarding.enter(request, person=waiting.person, next_address=waiting.next_address)


def _code_mail(waiting: confirming.HalfSignedIn) -> dict[str, Any]:
    return {
        "address": waiting.masked_email,
        "mail": confirming.code_mail(waiting, now=timezone.now()),
        "has_mailbox": bool(settings.MAIL_CATCHER_FOLDER),
    }
