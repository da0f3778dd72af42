"""All addresses of the platform."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("switchyard.pages.urls")),
    path("", include("jobs.urls")),
    path("mailings/", include("emails.urls")),
    path("packets/", include("packets.urls")),
    path("uploads/", include("uploads.urls")),
]
