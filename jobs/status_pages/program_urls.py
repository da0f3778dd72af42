"""Addresses for programs that read the status page, below api/v2/ as Statuspage has them.

They stand below the status page's own address, and at the root, where programs look that were given the host.
"""

from django.urls import path

from jobs.status_pages import programs

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
    path(f"{name}.json", programs.read, {"parts": parts}, name=f"api-{name.replace('/', '-')}")
    for name, parts in API.items()
]
