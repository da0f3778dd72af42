"""What cannot work, in the words of pages: a setting's label where the command line shows its path."""

import re
from dataclasses import fields

from django.utils.translation import gettext as _

from jobs.changing import CannotChangeSettings, Unsound
from jobs.lanes import Lane
from jobs.overrides import name_of
from jobs.setting_fields import WrongSetting
from jobs.setting_names import label_of, value_words
from jobs.settings import SECTIONS

PATH = re.compile(r"SWITCHYARD((?:\[[^\]]+\])+)")
KEY = re.compile(r"\['?([^\]']+)'?\]")
NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
NAMES = {item.name for section in (Lane, *SECTIONS.values()) for item in fields(section)}
"""Settings; those of one word read as they are."""


def in_words(sentence: str) -> str:
    """Return `sentence` with the paths and names of settings in it as pages call them."""
    told = PATH.sub(lambda found: _place(KEY.findall(found[1])), sentence)
    return NAME.sub(lambda found: f"“{label_of(found[0])}”" if found[0] in NAMES else found[0], told)


def told(error: WrongSetting | CannotChangeSettings) -> str:
    """Return the whole sentence of `error`, for where no field is beside it."""
    if isinstance(error, WrongSetting):
        return in_words(f"{error.name}: {error.hint}")
    return in_words(str(error))


def told_beside(error: WrongSetting | Unsound) -> tuple[str, str]:
    """Return the sentence of `error` beside its field, and the setting's name; empty where it is of none."""
    return (in_words(error.hint), error.name) if error.name else (told(error), "")


def _place(keys: list[str]) -> str:
    if keys[0] != "routes":
        return name_of(keys)
    rule = _("Rule {number}").format(number=int(keys[1]) + 1) if len(keys) > 1 else _("The list of rules")
    return ": ".join([rule, *(value_words(key) for key in keys[2:])])
