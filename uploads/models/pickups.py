"""What is done with files that a school's own software puts into a folder."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import Person, School
from jobs.models.tenancy import SchoolQuerySet


class PickupMode(models.TextChoices):
    """What is done with a file that was picked up."""

    CHECK = "check", _("Check only; staff import it")
    GOOD = "good", _("Import the good rows at once")
    ALL = "all", _("Import at once if no row is wrong")


class Pickup(models.Model):
    """A folder of a school for files of one dataset."""

    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+")
    dataset = models.CharField(max_length=20)
    mode = models.CharField(max_length=5, choices=PickupMode)
    set_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    """Who last said what is done; uploads from the folder are theirs."""

    objects: ClassVar = SchoolQuerySet["Pickup"].as_manager()

    class Meta:
        """One for each dataset of a school."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=("school", "dataset"), name="pickup_dataset_is_unique"),
        ]

    def __str__(self) -> str:
        """Return the folder, below that of all schools."""
        return f"{self.school.slug}/{self.dataset}"
