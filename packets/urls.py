"""Addresses of the pages of packets."""

from django.urls import path

from packets import views

app_name = "packets"
urlpatterns = [
    path("", views.show_packets, name="list"),
    path("new/", views.new_packet, name="new"),
]
