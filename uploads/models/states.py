"""Where an upload stands, and how much of what was found it keeps for its page."""

from django.db import models


class UploadState(models.TextChoices):
    """Where an upload stands, in the words of the pages."""

    MAPPING = "mapping", "Columns to be chosen"
    CHECKING = "checking", "Checking"
    CHECKED = "checked", "Ready to import"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    REFUSED = "refused", "Cannot be read"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


PROBLEMS_SHOWN = 50
"""How many problems an upload keeps for its page, to be corrected there; its error file holds all."""
CHANGES_SHOWN = 50
"""How many changed rows an upload keeps for its page; its change file holds all."""
CHANGEABLE_STATES = (UploadState.MAPPING, UploadState.CHECKING, UploadState.CHECKED)
"""What the columns are, and what stands in cells, may still be said."""
OPEN_STATES = (UploadState.CHECKING, UploadState.IMPORTING, UploadState.UNDOING)
IMPORTED_STATES = (UploadState.IMPORTED, UploadState.UNDOING, UploadState.UNDONE)
