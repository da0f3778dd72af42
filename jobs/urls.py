"""Addresses of the core's pages."""

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.show_jobs, name="list"),
    path("jobs/<int:pk>/", views.show_job, name="show"),
    path("jobs/<int:pk>/standing/", views.show_standing, name="standing"),
    path("jobs/<int:pk>/results/", views.show_results, name="results"),
    path("jobs/<int:pk>/history/", views.show_history, name="history"),
    path("jobs/<int:pk>/stop/", views.stop_job, name="stop"),
    path("jobs/<int:pk>/pause/", views.change_job, {"change": "pause"}, name="pause"),
    path("jobs/<int:pk>/resume/", views.change_job, {"change": "resume"}, name="resume"),
    path("jobs/<int:pk>/retry/", views.change_job, {"change": "retry"}, name="retry"),
    path("files/<int:pk>/", views.download, name="file"),
    path("ops/", views.show_operations, name="ops"),
    path("ops/lanes/", views.show_lanes, name="lanes"),
]
