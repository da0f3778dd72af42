"""Addresses of the pages of packets."""

from django.urls import path

from packets import template_views, views

app_name = "packets"
urlpatterns = [
    path("", views.show_packets, name="list"),
    path("new/", views.new_packet, name="new"),
    path("templates/", template_views.show_templates, name="templates"),
    path("templates/new/", template_views.new_template, name="template-new"),
    path("templates/<int:pk>/", template_views.change_template, name="template"),
    path("templates/<int:pk>/copy/", template_views.copy_template, name="template-copy"),
    path("templates/<int:pk>/delete/", template_views.delete_template, name="template-delete"),
]
