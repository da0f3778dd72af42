"""All addresses of the platform."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from jobs.scraping.views import metrics
from switchyard.health import health

handler400 = "switchyard.pages.refusing.bad_request"
handler500 = "switchyard.pages.refusing.crashed"
urlpatterns = [
    path("health", health, name="health"),
    path("metrics", metrics, name="metrics"),
    # Where browsers look for it on pages that name none, such as Django's own.
    path("favicon.ico", login_not_required(RedirectView.as_view(url=f"{settings.STATIC_URL}favicon.svg"))),
    # Django's own sign-in asks for no code, so it is not offered.
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    path("admin/", admin.site.urls),
    path("", include("switchyard.pages.urls")),
    path("", include("jobs.urls")),
    path("api/v1/", include("jobs.api.urls")),
    path("api/v2/", include("jobs.status_pages.program_urls")),
    path("ops/incidents/", include("jobs.status_pages.ops_urls")),
    path("status/", include("jobs.status_pages.urls")),
    path("mailings/", include("emails.urls")),
    path("packets/", include("packets.urls")),
    path("uploads/", include("uploads.urls")),
]
