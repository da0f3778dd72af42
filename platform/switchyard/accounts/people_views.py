"""Pages of administrators about people: who there is, invitations, roles, and what was done."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emails import approving, login_news, password_links
from jobs import guessing, people, regranting
from jobs.access import needs, person_of
from jobs.models import Person, PersonEvent, Role, School
from jobs.rights import Right, has
from switchyard.accounts import second_steps
from switchyard.accounts.people_forms import InviteForm, PeopleFilter, RoleForm

ON_A_PAGE = 50


@needs(Right.AUDIT)
@require_safe
def show_people(request: HttpRequest) -> HttpResponse:
    """List the people of the school; of all schools, or of one that is chosen, to people of the platform."""
    by, found = person_of(request), people.visible_people(person_of(request))
    chosen = None if by.school_id else PeopleFilter(request.GET)
    if chosen is not None and chosen.is_valid():
        found = chosen.among(found)
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "account/people.html", {"page": page, "filter": chosen})


@needs(Right.AUDIT)
@require_safe
def show_people_history(request: HttpRequest) -> HttpResponse:
    """List what was done about people, newest first."""
    events = PersonEvent.objects.visible_to(person_of(request)).select_related("by", "about", "school")
    page = Paginator(events, ON_A_PAGE).get_page(request.GET.get("page"))
    by = person_of(request)
    undoable = {event.pk for event in page if by.manages_people and people.can_take_back(event, by=by)}
    return render(request, "account/people_history.html", {"page": page, "undoable": undoable})


@needs(Right.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_person(request: HttpRequest) -> HttpResponse:
    """Ask who is invited, and send them a link by mail."""
    by, now = person_of(request), timezone.now()
    form = InviteForm(request.POST or None, by=by, school=request.GET.get("school", ""))
    if form.is_valid():
        try:
            with transaction.atomic():
                person = people.add(**form.wanted, by=by, now=now)
                password_links.invite(person=person, by=by, now=now)
        except people.NotTheirs as refusal:
            form.add_error("role", str(refusal))
        except IntegrityError:
            form.add_error("email", _("Somebody with this address has a login already."))
        else:
            messages.success(
                request, _("An invitation is on its way to {person}.").format(person=person.name)
            )
            return redirect("people")
    return render(request, "account/invite.html", {"form": form}, status=422 if form.is_bound else 200)


@needs(Right.PEOPLE)
@require_http_methods(["GET", "HEAD", "POST"])
def show_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one person, and give them another role once it was said what that means."""
    by, person = person_of(request), _person(request, pk)
    form = RoleForm(request.POST or None, by=by, person=person, initial={"role": person.role})
    if form.is_valid():
        role, school = Role(form.cleaned_data["role"]), form.cleaned_data.get("school")
        try:
            people.require_fit(person=person, role=role, by=by, school=school)
            if role != person.role and not _is_confirmed(request, person):
                return _ask(request, person, role=role, school=school)
            people.give_role(person=person, role=role, by=by, now=timezone.now(), school=school)
        except (people.NotTheirs, people.ChangedSince) as refusal:
            form.add_error("role", str(refusal))
        else:
            messages.success(request, _("The role of {person} is saved.").format(person=person.name))
            return redirect("person", person.pk)
    shown = {
        "person": person,
        "form": form,
        "locked_until": guessing.locked_until(person, now=timezone.now()),
        "has_second_step": second_steps.has_one(person),
        "is_invited": not person.has_usable_password() and person.last_login is None,
    }
    return render(request, "account/person.html", shown, status=422 if form.is_bound else 200)


@needs(Right.PEOPLE)
@require_POST
def let_in(request: HttpRequest, pk: int, *, is_active: bool) -> HttpResponse:
    """Let a person in no more, once it was said what that means; or again."""
    by, person = person_of(request), _person(request, pk)
    if person.is_active and not is_active and person.pk != by.pk and not _is_confirmed(request, person):
        return _ask(request, person, role=None, school=None)
    try:
        people.let_in(person=person, is_active=is_active, by=by, now=timezone.now())
    except people.NotTheirs as refusal:
        messages.warning(request, str(refusal))
    return redirect("person", person.pk)


@needs(Right.PEOPLE)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a change of a person's role, or that they are let in no more."""
    by = person_of(request)
    events = PersonEvent.objects.visible_to(by).select_related("about__school")
    event = get_object_or_404(events, pk=pk, about__in=people.visible_people(by))
    try:
        people.take_back(event, by=by, now=timezone.now())
    except (people.NotTheirs, people.ChangedSince) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("It is taken back."))
    return redirect("people-history")


def _is_confirmed(request: HttpRequest, person: Person) -> bool:
    """Whether who asks has seen what it means for the person as they are now."""
    return request.POST.get("confirmed") == person.role


def _ask(request: HttpRequest, person: Person, *, role: Role | None, school: School | None) -> HttpResponse:
    """Ask whether the person shall have the role, or be let in no more without one."""
    now = timezone.now()
    place = people.place_with(role, person=person, school=school) if role else None
    told = (
        regranting.told_of_role(person, role=role, school=place, now=now)
        if role
        else regranting.told_of_leaving(person, now=now)
    )
    loses_sending = role is None or not has(role, Right.SEND)
    waiting = approving.told_without(person) if loses_sending else ""
    shown = {"person": person, "role": role, "school": school, "told": [*told, *filter(None, [waiting])]}
    return render(request, "account/person_change.html", shown)


@needs(Right.PEOPLE)
@require_POST
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a fresh link to somebody who has not used theirs; the old one ends."""
    by, person, now = person_of(request), _person(request, pk), timezone.now()
    if not person.has_usable_password():
        password_links.invite(person=person, by=by, now=now)
        said = _("invited {person} again").format(person=person.name)
        people.note(about=person, by=by, what=said, now=now)
        messages.success(request, _("A new invitation is on its way to {person}.").format(person=person.name))
    return redirect("person", person.pk)


@needs(Right.PEOPLE)
@require_POST
def forget_second_steps(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove the second steps of somebody who lost them: they get a code by mail again."""
    by, person = person_of(request), _person(request, pk)
    if person.pk != by.pk and second_steps.forget_all(person):
        said = _("removed the app and the passkeys of {person}").format(person=person.name)
        login_news.tell(people.note(about=person, by=by, what=said, now=timezone.now()))
        messages.success(
            request, _("{person} gets a code by mail at the next sign-in.").format(person=person.name)
        )
    return redirect("person", person.pk)


@needs(Right.PEOPLE)
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let passwords of somebody be looked at again after too many wrong ones."""
    by, person = person_of(request), _person(request, pk)
    if guessing.lift(person):
        said = _("let {person} type passwords again").format(person=person.name)
        people.note(about=person, by=by, what=said, now=timezone.now())
        messages.success(request, _("{person} may type passwords again.").format(person=person.name))
    return redirect("person", person.pk)


def _person(request: HttpRequest, pk: int) -> Person:
    return get_object_or_404(people.visible_people(person_of(request)), pk=pk)
