"""The Celery application: its messages are doorbells, its workers answer them."""

from celery import Celery

app = Celery("switchyard")
app.config_from_object("django.conf:settings", namespace="CELERY")
