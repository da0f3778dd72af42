"""The Celery application: its messages are doorbells, its workers answer them."""

from celery import Celery

app = Celery("switchyard")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Else a thread that did not import us, such as the web's, may publish to nowhere with an app of Celery's own.
app.set_default()
