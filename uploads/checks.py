"""Django's system checks of picking up files: a setting that cannot work stops the start."""

from django.core.checks import CheckMessage, Error, register

from jobs.setting_fields import WrongSetting
from uploads.settings import pickup_settings


def check_pickup(*_: object, **__: object) -> list[CheckMessage]:
    """Say which setting under PICKUP cannot work, and what to write."""
    try:
        root = pickup_settings().root
    except WrongSetting as error:
        return [Error(str(error), hint=error.hint, id="uploads.E001")]
    if root is not None and not root.is_dir():
        hint = (
            "Make the folder, and let the platform's processes write into it; or leave PICKUP_FOLDER empty."
        )
        return [
            Error(f"PICKUP['folder'] is {str(root)!r}, which is no folder.", hint=hint, id="uploads.E002")
        ]
    return []


def register_all() -> None:
    """Register the checks with Django."""
    register(check_pickup)
