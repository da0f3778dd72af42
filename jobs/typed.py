"""Keeping what people type into a form until they send it, so that leaving the page is safe."""

from datetime import datetime

from django.http import QueryDict

from jobs.models import Person, School, TypedForm

MOST_CHARACTERS = 200_000
MOST_FORMS = 20
"""Of one person; those typed last are kept."""
NEVER_KEPT = ("csrfmiddlewaretoken",)


def keep(fields: QueryDict, *, form: str, person: Person, school: School, now: datetime) -> bool:
    """Keep what the person typed so far into `form`; say whether it is, which it is not if it is too long."""
    kept = fields.copy()
    for name in NEVER_KEPT:
        kept.pop(name, None)
    text = kept.urlencode()
    if len(text) > MOST_CHARACTERS:
        return False
    TypedForm.objects.update_or_create(
        person=person, form=form, defaults={"school": school, "fields": text, "typed_at": now}
    )
    last = TypedForm.objects.filter(person=person).order_by("-typed_at").values("pk")[:MOST_FORMS]
    TypedForm.objects.filter(person=person).exclude(pk__in=last).delete()
    return True


def typed_into(form: str, *, person: Person) -> TypedForm | None:
    """Return what the person typed into `form` and has not sent, if anything."""
    return TypedForm.objects.filter(person=person, form=form).first()


def begun_by(person: Person) -> dict[str, datetime]:
    """Return when the person last typed into each form that they have not sent, by its name."""
    if not person.may_work:
        return {}
    return dict(TypedForm.objects.filter(person=person).values_list("form", "typed_at"))


def forget(form: str, *, person: Person) -> None:
    """Forget it: it was sent, or is to begin anew."""
    TypedForm.objects.filter(person=person, form=form).delete()
