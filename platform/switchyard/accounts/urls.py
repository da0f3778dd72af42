"""Addresses of a person's own ways to sign in. The names without a prefix are django-allauth's."""

from allauth.account.views import reauthenticate
from django.urls import include, path

from switchyard.accounts import link_views, saml_views, school_views, views

urlpatterns = [
    path("second-step/", include("allauth.mfa.urls")),
    path("school/<slug:provider_id>/login/", school_views.begin, name="openid_connect_login"),
    path("school/<slug:provider_id>/login/callback/", school_views.come_back, name="openid_connect_callback"),
    path("school/<slug:provider_id>/saml/", saml_views.show_metadata, name="saml-about"),
    path("school/<slug:provider_id>/saml/login/", saml_views.begin, name="saml-login"),
    path("school/<slug:provider_id>/saml/answer/", saml_views.take_answer, name="saml-answer"),
    path("school/<slug:provider_id>/saml/return/", saml_views.come_back, name="saml-return"),
    path("again/", reauthenticate, name="account_reauthenticate"),
    path("sessions/", views.show_sessions, name="sessions"),
    path("sessions/<int:pk>/end/", views.end_session, name="session-end"),
    path("sessions/end-others/", views.end_other_sessions, name="sessions-end-others"),
    path("password/", views.change_password, name="password"),
    path("password/forgotten/", link_views.forgotten, name="password-forgotten"),
    path("password/set/<str:secret>/", link_views.set_password, name="password-link"),
]
