"""Addresses of the public status page."""

from django.urls import include, path

from jobs.status_pages import feeds, subscribe_views, views

app_name = "status"
urlpatterns = [
    path("", views.show_status, name="page"),
    path("now/", views.show_now, name="now"),
    path("history/", views.show_history, name="history"),
    path("history.atom", feeds.read_feed, {"sort": "atom"}, name="atom"),
    path("history.rss", feeds.read_feed, {"sort": "rss"}, name="rss"),
    path("subscribe/", subscribe_views.subscribe, name="subscribe"),
    path("subscribers/<str:token>/confirm/", subscribe_views.confirm, name="confirm"),
    path("subscribers/<str:token>/forget/", subscribe_views.forget, name="forget"),
    path("incidents/<slug:code>/", views.show_incident, name="incident"),
    path("api/v2/", include("jobs.status_pages.program_urls")),
]
