"""Who of several processes does something that needs a memory of its own."""

from django.db import models


class Duty(models.Model):
    """Something that one process of all does for as long as it lives."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=40)
    """Names the one on duty; nobody else has the same name."""
    since = models.DateTimeField()
    """From then on it has been on duty without a break."""
    until = models.DateTimeField()
    """When somebody else may take over, unless it is heard of before."""

    class Meta:
        """One row for each duty."""

        verbose_name_plural = "duties"

    def __str__(self) -> str:
        """Return what it is and who does it."""
        return f"{self.name}: {self.holder}"
