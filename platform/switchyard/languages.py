"""The languages that the platform speaks: docs/languages.md tells how another is added."""

from switchyard import env

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [env.ROOT / "locale"]
