"""Students, employers and uploads in Django's own admin, to look at; they change through the pages only."""

from django.contrib import admin

from jobs.admin import ReadOnlyAdmin
from uploads.models import Application, Employer, Outcome, Student, Upload, Vacancy


@admin.register(Student)
class StudentAdmin(ReadOnlyAdmin):
    """Students of all schools."""

    list_display = ("number", "first_name", "last_name", "email", "major", "graduation_year", "school")
    list_filter = ("school", "graduation_year")
    list_select_related = ("school",)
    search_fields = ("number", "last_name", "email")


@admin.register(Employer)
class EmployerAdmin(ReadOnlyAdmin):
    """Employers of all schools."""

    list_display = ("name", "industry", "website", "school")
    list_filter = ("school", "industry")
    list_select_related = ("school",)
    search_fields = ("name",)


@admin.register(Vacancy)
class VacancyAdmin(ReadOnlyAdmin):
    """Vacancies of all schools."""

    list_display = ("number", "title", "employer", "closes_on", "school")
    list_filter = ("school", "vacancy_type")
    list_select_related = ("school", "employer")
    search_fields = ("number", "title")


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """Applications at all schools."""

    list_display = ("student", "vacancy", "status", "applied_on", "school")
    list_filter = ("school", "status")
    list_select_related = ("school", "student", "vacancy")


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    """Outcomes of all schools."""

    list_display = ("student", "status", "employer_name", "started_on", "school")
    list_filter = ("school", "status")
    list_select_related = ("school", "student")


@admin.register(Upload)
class UploadAdmin(ReadOnlyAdmin):
    """Uploads of all schools, without the values in their files."""

    list_display = ("id", "file", "school", "state", "new_rows", "changed_rows", "wrong_rows", "created_at")
    list_filter = ("state", "school")
    list_select_related = ("file", "school")
    exclude = ("problems", "problem_counts", "changes")
