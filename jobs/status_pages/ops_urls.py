"""Addresses of the pages on which ops write for the status page."""

from django.urls import path

from jobs.status_pages import correcting_views, ops_views

app_name = "incidents"
urlpatterns = [
    path("", ops_views.show_incidents, name="list"),
    path("open/", ops_views.open_incident, name="open"),
    path("plan/", ops_views.plan_maintenance, name="plan"),
    path("<slug:code>/", ops_views.show_incident, name="show"),
    path("<slug:code>/correct/", correcting_views.correct_text, name="correct"),
    path("<slug:code>/correct/<slug:update>/", correcting_views.correct_text, name="correct-update"),
    path("<slug:code>/postmortem/", ops_views.edit_postmortem, name="postmortem"),
]
