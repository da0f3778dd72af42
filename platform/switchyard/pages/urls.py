"""Addresses of the project's own pages."""

from django.urls import include, path

from switchyard.pages import home, sign_in, views, zones

urlpatterns = [
    path("", home.home, name="home"),
    path("home/now/", home.show_now, name="home-now"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.confirm, name="confirm"),
    path("sign-in/code/mail/", sign_in.show_code_mail, name="code-mail"),
    path("sign-in/code/again/", sign_in.send_code_again, name="code-again"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    # As django-allauth calls them.
    path("sign-in/", sign_in.sign_in, name="account_login"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("account/", include("switchyard.accounts.urls")),
    path("people/", include("switchyard.accounts.people_urls")),
    path("time-zone/", zones.change_zone, name="time-zone"),
    path("ops/flower/", views.flower, {"path": ""}, name="flower"),
    path("ops/flower/<path:path>", views.flower, name="flower-path"),
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<str:name>/", views.mail, name="mail"),
    path("mailbox/<str:name>/<int:number>/", views.mail_attachment, name="mail-attachment"),
]
