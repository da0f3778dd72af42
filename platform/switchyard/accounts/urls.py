"""Addresses of a person's own ways to sign in. The names without a prefix are django-allauth's."""

from allauth.account.views import reauthenticate
from django.urls import include, path

urlpatterns = [
    path("second-step/", include("allauth.mfa.urls")),
    path("again/", reauthenticate, name="account_reauthenticate"),
]
