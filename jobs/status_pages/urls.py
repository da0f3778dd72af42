"""Addresses of the public status page; those under api/v2 are Statuspage's own."""

from django.urls import path

from jobs.status_pages import feeds, programs, subscribe_views, views

app_name = "status"
SUMMARY = {
    "components": "components",
    "incidents": "unresolved",
    "scheduled_maintenances": "open_maintenances",
    "status": "status",
}
MAINTENANCES = "scheduled_maintenances"
API = {
    "summary": SUMMARY,
    "status": {"status": "status"},
    "components": {"components": "components"},
    "incidents": {"incidents": "incidents"},
    "incidents/unresolved": {"incidents": "unresolved"},
    "scheduled-maintenances": {MAINTENANCES: "maintenances"},
    "scheduled-maintenances/upcoming": {MAINTENANCES: "upcoming"},
    "scheduled-maintenances/active": {MAINTENANCES: "active"},
}
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
    *(
        path(f"api/v2/{name}.json", programs.read, {"parts": parts}, name=f"api-{name.replace('/', '-')}")
        for name, parts in API.items()
    ),
]
