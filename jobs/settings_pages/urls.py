"""Addresses of the settings pages, below /ops/settings/."""

from django.urls import path

from jobs.settings_pages import holds_views, rules_views, schools_views, tokens_views, versions_views, views

urlpatterns = [
    path("", views.show_settings, name="settings"),
    path("lanes/<slug:name>/", views.change_lane, name="settings-lane"),
    path("services/<str:name>/", views.change_service, name="settings-service"),
    path("sections/<slug:name>/", views.change_section, name="settings-section"),
    path("schools/", schools_views.show_schools, name="settings-schools"),
    path("schools/new/", schools_views.add_school, name="settings-school-new"),
    path("schools/of/<slug:slug>/", schools_views.change_school, name="settings-school"),
    path("tokens/", tokens_views.show_tokens, name="settings-tokens"),
    path("tokens/<int:pk>/revoke/", tokens_views.revoke_token, name="settings-token-revoke"),
    path("weights/", views.change_weights, name="settings-weights"),
    path("routes/", rules_views.change_routes, name="settings-routes"),
    path("changes/", versions_views.show_versions, name="settings-versions"),
    path("changes/<int:number>/undo/", versions_views.undo_version, name="settings-undo"),
    path("holds/", holds_views.show_holds, name="holds"),
    path("holds/<int:pk>/lift/", holds_views.lift_hold, name="hold-lift"),
]
