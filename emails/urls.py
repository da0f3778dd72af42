"""Addresses of the mailings."""

from django.urls import path

from emails import (
    approval_views,
    check_views,
    link_views,
    own_file_views,
    policy_views,
    provider_views,
    recipient_views,
    suppression_views,
    unsubscribe_views,
    views,
)

app_name = "emails"
urlpatterns = [
    path("", views.show_mailings, name="list"),
    path("new/", views.write_mailing, name="new"),
    path("count/", views.count_recipients, name="count"),
    path("<int:pk>/", views.show_preview, name="preview"),
    path("<int:pk>/find/", views.find_recipient, name="find"),
    path("<int:pk>/html/", views.show_html, name="html"),
    path("<int:pk>/change/", views.change_mailing, name="change"),
    path("<int:pk>/test/", views.send_test, name="test"),
    path("<int:pk>/own-files/", own_file_views.show_own_files, name="own-files"),
    path("<int:pk>/own-files/drop/", own_file_views.drop_own_files, name="own-files-drop"),
    path("<int:pk>/check/", check_views.show_check, name="check"),
    path("<int:pk>/choose/", check_views.choose, name="choose"),
    path("<int:pk>/send/", check_views.send_mailing, name="send"),
    path("<int:pk>/ask/", approval_views.ask, name="ask"),
    path("<int:pk>/give-back/", approval_views.give_back, name="give-back"),
    path("<int:pk>/recipients/", recipient_views.show_recipients, name="recipients"),
    path("<int:pk>/recipients.csv", recipient_views.download_recipients, name="recipients-csv"),
    path("<int:pk>/uncertain/", views.decide_on_uncertain, name="uncertain"),
    path("<int:pk>/discard/", views.discard_mailing, name="discard"),
    path("<int:pk>/links/revoke/", link_views.revoke_links, name="links-revoke"),
    path("files/<str:token>/", link_views.show_file, name="file"),
    path("attachments/", policy_views.change_policy, name="policy"),
    path("suppressions/", suppression_views.show_suppressions, name="suppressions"),
    path("suppressions/add/", suppression_views.add_suppressions, name="suppressions-add"),
    path("suppressions/<int:pk>/remove/", suppression_views.remove_suppression, name="suppression-remove"),
    path("suppressions/<int:pk>/forget/", suppression_views.forget_suppression, name="suppression-forget"),
    path("providers/<str:provider>/", provider_views.take_events, name="provider"),
    path("unsubscribe/<str:token>/", unsubscribe_views.unsubscribe, name="unsubscribe"),
]
