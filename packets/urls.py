"""Addresses of the pages of packets."""

from django.urls import path

from packets import policy_views, public_views, share_views, template_views, views

app_name = "packets"
urlpatterns = [
    path("", views.show_packets, name="list"),
    path("new/", views.new_packet, name="new"),
    path("<int:pk>/pages/<int:number>/", views.show_picture, name="picture"),
    path("templates/", template_views.show_templates, name="templates"),
    path("templates/new/", template_views.new_template, name="template-new"),
    path("templates/<int:pk>/", template_views.change_template, name="template"),
    path("templates/<int:pk>/copy/", template_views.copy_template, name="template-copy"),
    path("templates/<int:pk>/delete/", template_views.delete_template, name="template-delete"),
    path("policy/", policy_views.change_policy, name="policy"),
    path("record/", share_views.show_record, name="record"),
    path("record.csv", share_views.download_record, name="record-csv"),
    path(
        "record/students/<int:student_id>.csv",
        share_views.download_student_record,
        name="student-record-csv",
    ),
    path("<int:pk>/share/", share_views.share_packet, name="share"),
    path("<int:pk>/delete/", share_views.delete_files, name="delete-files"),
    path("<int:pk>/record.csv", share_views.download_record, name="packet-record-csv"),
    path("shares/<int:pk>/revoke/", share_views.revoke_share, name="revoke"),
    path("shared/<str:token>/", public_views.show_shared, name="shared"),
]
