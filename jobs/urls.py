"""Addresses of the core's pages."""

from django.urls import include, path

from jobs import chart_views, late_views, notification_views, token_views, typed_views, views, webhook_views
from jobs.settings_pages import workers_views

app_name = "jobs"
urlpatterns = [
    path("jobs/", views.show_jobs, name="list"),
    path("jobs/<int:pk>/", views.show_job, name="show"),
    path("jobs/<int:pk>/standing/", views.show_standing, name="standing"),
    path("jobs/<int:pk>/results/", views.show_results, name="results"),
    path("jobs/<int:pk>/history/", views.show_history, name="history"),
    path("jobs/<int:pk>/stop/", views.stop_job, name="stop"),
    path("jobs/<int:pk>/pause/", views.change_job, {"change": "pause"}, name="pause"),
    path("jobs/<int:pk>/resume/", views.change_job, {"change": "resume"}, name="resume"),
    path("jobs/<int:pk>/retry/", views.change_job, {"change": "retry"}, name="retry"),
    path("jobs/<int:pk>/move-back/", views.move_job, {"change": "back"}, name="move-back"),
    path("jobs/<int:pk>/let-move/", views.move_job, {"change": "let"}, name="let-move"),
    path("files/<int:pk>/", views.download, name="file"),
    path("notifications/", notification_views.show_notifications, name="notifications"),
    path("notifications/read/", notification_views.read_all, name="notifications-read"),
    path("notifications/mails/", notification_views.choose_mails, name="notifications-mails"),
    path("notifications/<int:pk>/", notification_views.open_notification, name="notification"),
    path("typed/<slug:form>/", typed_views.keep, name="typed-keep"),
    path("typed/<slug:form>/forget/", typed_views.forget, name="typed-forget"),
    path("webhooks/", webhook_views.show_webhooks, name="webhooks"),
    path("webhooks/new/", webhook_views.add_webhook, name="webhook-new"),
    path("webhooks/<int:pk>/", webhook_views.show_webhook, name="webhook"),
    path("webhooks/<int:pk>/test/", webhook_views.send_test, name="webhook-test"),
    path("webhooks/<int:pk>/switch/", webhook_views.switch_webhook, name="webhook-switch"),
    path("webhooks/<int:pk>/messages/", webhook_views.show_messages, name="webhook-messages"),
    path("webhooks/<int:pk>/secret/", webhook_views.renew_secret, name="webhook-secret"),
    path("webhooks/<int:pk>/secret/forget/", webhook_views.forget_old_secret, name="webhook-forget"),
    path("webhooks/<int:pk>/delete/", webhook_views.delete_webhook, name="webhook-delete"),
    path("webhooks/messages/<int:pk>/retry/", webhook_views.retry_message, name="webhook-retry"),
    path("tokens/", token_views.show_tokens, name="tokens"),
    path("tokens/new/", token_views.make_token, name="token-new"),
    path("tokens/<int:pk>/revoke/", token_views.revoke_token, name="token-revoke"),
    path("ops/", views.show_operations, name="ops"),
    path("ops/lanes/", views.show_lanes, name="lanes"),
    path("ops/late/", late_views.show_late, name="late"),
    path("ops/late/now/", late_views.show_late_now, name="late-now"),
    path("ops/charts/", chart_views.show_charts, name="charts"),
    path("ops/charts/now/", chart_views.show_charts_now, name="charts-now"),
    path("ops/workers/", workers_views.show_workers, name="workers"),
    path("ops/workers/<slug:lane>/let-go/", workers_views.let_go, name="workers-let-go"),
    path("ops/settings/", include("jobs.settings_pages.urls")),
]
