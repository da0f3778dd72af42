"""Addresses of the uploads and the students."""

from django.urls import path

from uploads import column_views, fixing_views, pickup_views, student_views, views

app_name = "uploads"
urlpatterns = [
    path("", views.show_uploads, name="list"),
    path("new/", views.upload_file, name="new"),
    path("template/", views.download_template, name="template"),
    path("sample/", views.download_sample, name="sample"),
    path("pickup/", pickup_views.set_pickups, name="pickup"),
    path("students/", views.show_students, name="students"),
    path("students/<int:pk>/", student_views.show_student, name="student"),
    path("<int:pk>/", views.show_upload, name="show"),
    path("<int:pk>/state/", views.show_state, name="state"),
    path("<int:pk>/columns/", column_views.choose_columns, name="columns"),
    path("<int:pk>/cells/", fixing_views.correct_cells, name="cells"),
    path("<int:pk>/import/", views.import_upload, name="import"),
    path("<int:pk>/undo/", views.undo_upload, name="undo"),
]
