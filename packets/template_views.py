"""Pages of packet templates: the list, making and changing one, copying, deleting."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs.access import needs, person_of, school_of
from jobs.rights import Right
from packets import keeping, queries
from packets.models import PacketTemplate
from packets.template_forms import NAME_TAKEN, TemplateForm


@require_safe
def show_templates(request: HttpRequest) -> HttpResponse:
    """List the school's templates by name."""
    return render(
        request, "packets/templates.html", {"templates": queries.shown_templates(school_of(request).pk)}
    )


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def new_template(request: HttpRequest) -> HttpResponse:
    """Show the form of a new template, and keep what it brings."""
    return _change(request, None)


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def change_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a template, and keep its changes."""
    return _change(request, _template(request, pk))


@needs(Right.WORK)
@require_POST
def copy_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Make another template like this one, and show it."""
    made = keeping.copy(_template(request, pk), by=person_of(request), now=timezone.now())
    messages.success(
        request, _("This is a copy, called “{made}”. Change what should differ.").format(made=made)
    )
    return redirect("packets:template", made.pk)


@needs(Right.WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def delete_template(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether a template shall go, and delete it."""
    template = _template(request, pk)
    if request.method == "POST":
        keeping.delete(template)
        messages.success(request, _("The template “{template}” was deleted.").format(template=template))
        return redirect("packets:templates")
    return render(request, "packets/template_delete.html", {"template": template})


def _change(request: HttpRequest, template: PacketTemplate | None) -> HttpResponse:
    school, is_sent = school_of(request), request.method == "POST"
    sent = (request.POST, request.FILES) if is_sent else ()
    form = TemplateForm(*sent, school=school, by=person_of(request), template=template)
    if form.is_valid():
        try:
            kept = keeping.keep(
                template, form.choices, school=school, by=person_of(request), now=timezone.now()
            )
        except keeping.NameTaken:
            form.add_error("name", NAME_TAKEN)
        else:
            messages.success(request, _("The template “{kept}” was saved.").format(kept=kept))
            return redirect("packets:templates")
    shown = {"form": form, "template": template}
    return render(request, "packets/template.html", shown, status=422 if form.is_bound else 200)


def _template(request: HttpRequest, pk: int) -> PacketTemplate:
    templates = PacketTemplate.objects.filter(school=school_of(request)).select_related("school", "logo")
    template: PacketTemplate = get_object_or_404(templates, pk=pk)
    return template
