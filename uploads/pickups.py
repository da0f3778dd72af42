"""What a school wants done with files of each dataset in its folders."""

from collections.abc import Mapping

from django.db import transaction

from jobs.models import Person, School
from uploads.datasets import DATASETS
from uploads.models import Pickup


def modes_of(school: School) -> dict[str, str]:
    """Return what is done, by the name of the dataset; where nothing is, there is no entry."""
    return dict(Pickup.objects.filter(school=school).values_list("dataset", "mode"))


@transaction.atomic
def set_modes(school: School, *, modes: Mapping[str, str], by: Person) -> None:
    """Say what is done with files of each dataset; an empty mode leaves them alone."""
    for dataset in DATASETS:
        kept = Pickup.objects.filter(school=school, dataset=dataset)
        if mode := modes.get(dataset):
            if not kept.filter(mode=mode).exists():
                given = {"mode": mode, "set_by": by}
                Pickup.objects.update_or_create(school=school, dataset=dataset, defaults=given)
        else:
            kept.delete()
