"""Addresses of administrators' pages about people."""

from django.urls import path

from switchyard.accounts import people_views, provider_views

urlpatterns = [
    path("", people_views.show_people, name="people"),
    path("history/", people_views.show_people_history, name="people-history"),
    path("history/<int:pk>/take-back/", people_views.take_back, name="person-take-back"),
    path("invite/", people_views.invite_person, name="person-invite"),
    path("providers/", provider_views.show_providers, name="providers"),
    path("providers/<slug:slug>/", provider_views.change_provider, name="provider"),
    path("providers/<slug:slug>/remove/", provider_views.remove_provider, name="provider-remove"),
    path("<int:pk>/", people_views.show_person, name="person"),
    path("<int:pk>/let-in/", people_views.let_in, {"is_active": True}, name="person-let-in"),
    path("<int:pk>/let-out/", people_views.let_in, {"is_active": False}, name="person-let-out"),
    path("<int:pk>/invite/", people_views.invite_again, name="person-invite-again"),
    path("<int:pk>/unlock/", people_views.unlock, name="person-unlock"),
    path("<int:pk>/second-steps/", people_views.forget_second_steps, name="person-second-steps"),
]
