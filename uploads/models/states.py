"""Where an upload stands, and how much of what was found it keeps for its page."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UploadState(models.TextChoices):
    """Where an upload stands, in the words of the pages."""

    MAPPING = "mapping", _("Columns to be chosen")
    CHECKING = "checking", _("Checking")
    CHECKED = "checked", _("Ready to import")
    IMPORTING = "importing", _("Importing")
    IMPORTED = "imported", _("Imported")
    REFUSED = "refused", _("Cannot be read")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


PROBLEMS_SHOWN = 50
"""How many problems an upload keeps for its page, to be corrected there; its error file holds all."""
CHANGES_SHOWN = 50
"""How many changed rows an upload keeps for its page; its change file holds all."""
CHANGEABLE_STATES = (UploadState.MAPPING, UploadState.CHECKING, UploadState.CHECKED)
"""What the columns are, and what stands in cells, may still be said."""
OPEN_STATES = (UploadState.CHECKING, UploadState.IMPORTING, UploadState.UNDOING)
IMPORTED_STATES = (UploadState.IMPORTED, UploadState.UNDOING, UploadState.UNDONE)
