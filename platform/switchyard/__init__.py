"""The Django project: it puts the core and the three apps together."""

from switchyard.celery import app as celery_app

__all__ = ["celery_app"]
