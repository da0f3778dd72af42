"""Saving a change from a page: its effect is shown first, a reason is asked for, what was typed stays."""

from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import versions
from jobs.access import person_of, require_admin
from jobs.changing import CannotChangeSettings, ChangedInBetween, NotConfirmed, Unsound, change
from jobs.forms import ConfirmField, ReasonField
from jobs.meanwhile import Meanwhile, changed_since
from jobs.reviewing import Proposal, Review, review
from jobs.setting_fields import WrongSetting
from jobs.settings_pages.wording import told_beside


class SaveForm(forms.Form):
    """Why a person changes the settings, and what they had seen of them."""

    why = ReasonField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Kept with the change, for your colleagues."),
        error_messages={"required": gettext_lazy("Write why; your colleagues will want to know.")},
    )
    confirmed = ConfirmField(label=gettext_lazy("Type the lane's name"))
    expecting = forms.IntegerField(widget=forms.HiddenInput)

    def expect_newest(self) -> None:
        """Let the next click expect the newest version; call it before the person is told what is in it."""
        data = cast("QueryDict", self.data).copy()
        data["expecting"] = str(versions.newest_number())
        self.data = data


class EditForm(Protocol):
    """What `edit` needs of the form with the values."""

    def is_valid(self) -> bool:
        """Say whether it can be read."""

    def proposal(self) -> Proposal:
        """Return what it asks for."""

    def refuse(self, message: str, *, name: str = "") -> None:
        """Show the message beside the field of the setting `name`, else above the form."""

    def catch_up(self, meanwhile: Meanwhile) -> None:
        """Take over what others changed where the person did not, and ask where both did."""


@dataclass(kw_only=True)
class Editing:
    """One page that changes settings."""

    template: str
    form: EditForm
    meanwhile: Meanwhile
    """What others changed since the person opened it."""
    back: str
    """Where it leads once it is saved."""
    vital: list[str] = field(default_factory=list)
    """Lanes whose names are asked for from the start."""
    context: dict[str, Any] = field(default_factory=dict)


def edit(request: HttpRequest, editing: Editing) -> HttpResponse:
    """Show the page; after a click on "Show its effect" with that, after one on "Put in force" save it.

    Raises:
        PermissionDenied: the person may not change the settings, and clicked one of both.
    """
    asks = "save" in request.POST or "preview" in request.POST
    if asks:
        require_admin(request)
    save = SaveForm(
        request.POST if "save" in request.POST else None,
        initial={"expecting": versions.newest_number(), **_typed(request)},
    )
    seen: Review | None = None
    if asks and editing.form.is_valid():
        proposal = editing.form.proposal()
        try:
            if save.is_bound and save.is_valid() and _saved(request, proposal, save=save, editing=editing):
                return redirect(editing.back)
            seen = review(proposal, by=person_of(request), now=timezone.now())
        except (WrongSetting, Unsound) as error:
            sentence, name = told_beside(error)
            editing.form.refuse(sentence, name=name)
    return render(
        request,
        editing.template,
        {
            "form": editing.form,
            "save": save,
            "review": seen,
            "meanwhile": editing.meanwhile,
            "vital": seen.vital if seen else editing.vital,
            **editing.context,
        },
        status=422 if asks and not _is_well(editing.form, save, seen) else 200,
    )


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST[name] for name in ("why", "confirmed", "expecting") if name in request.POST}


def _is_well(form: EditForm, save: SaveForm, seen: Review | None) -> bool:
    return seen is not None and form.is_valid() and not (save.is_bound and save.errors)


def _saved(request: HttpRequest, proposal: Proposal, *, save: SaveForm, editing: Editing) -> bool:
    asked = save.cleaned_data
    try:
        version = change(
            overrides=proposal.overrides,
            schools=proposal.schools,
            new_school=proposal.new_school,
            by=person_of(request),
            why=asked["why"],
            expecting=asked["expecting"],
            confirmed=asked["confirmed"],
        )
    except NotConfirmed as error:
        save.add_error("confirmed", str(error))
    except Unsound:
        raise
    except CannotChangeSettings as error:
        save.add_error(None, str(error))
        if isinstance(error, ChangedInBetween):
            save.expect_newest()
            editing.meanwhile = changed_since(asked["expecting"])  # the last of it came after our first look
            editing.form.catch_up(editing.meanwhile)
    else:
        messages.success(
            request,
            _("{version} is in force. It can be taken back in the list of changes.").format(version=version),
        )
        return True
    return False
