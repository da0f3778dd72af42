"""The page of one student: documents, what employers may have of them, and what other apps know."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jobs.access import person_of, require, school_of
from jobs.rights import Right, has
from jobs.student_sections import sections_of
from uploads import releasing
from uploads.models import DocumentType, Release, Student

CHANGED = gettext_lazy(
    "The choice is kept. Packets that are built from now on follow it; links to packets with documents that "
    "are released no more rest until these are built again."
)
SAME = gettext_lazy("Nothing was changed: this is what held before.")


class SaidField(forms.ChoiceField):
    """One of the choices, which are all there are: not saying anything is one too."""

    is_wanted = True


class ReleaseForm(forms.Form):
    """What a student said of each type of document."""

    def __init__(self, data: QueryDict | None = None, *, student: Student) -> None:
        """Ask for each type; what the student said so far is chosen."""
        initial = {name: getattr(student, f"{name}_release") for name in DocumentType.values}
        super().__init__(data, initial=initial)
        for name in DocumentType:
            label = _("{name} for employers").format(name=name.label)
            self.fields[name.value] = SaidField(label=label, choices=Release.choices, required=False)

    @property
    def said(self) -> dict[str, str]:
        """What was sent, by document type; a type that was not sent stays as it is."""
        return {name: choice for name, choice in self.cleaned_data.items() if name in self.data}


@require_http_methods(["GET", "HEAD", "POST"])
def show_student(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a student of the person's school, and change what employers may have."""
    school, person = school_of(request), person_of(request)
    student = get_object_or_404(Student.objects.filter(school=school), pk=pk)
    form = ReleaseForm(request.POST if request.method == "POST" else None, student=student)
    if request.method == "POST":
        require(request, Right.WORK)
        if form.is_valid():
            is_new = releasing.change(student, wanted=form.said, by=person)
            messages.success(request, CHANGED if is_new else SAME)
            return redirect("uploads:student", pk)
    shown = {
        "student": student,
        "form": form,
        "can_change": has(person.role, Right.WORK),
        "releases": releasing.releases_of(student),
        "changes": releasing.changes_of(student)[: releasing.CHANGES_SHOWN],
        "sections": sections_of(student.pk, school=school),
    }
    return render(request, "uploads/student.html", shown, status=422 if form.errors else 200)
