"""The verbs of `manage.py jobs` and `manage.py tokens`, and what they share."""
