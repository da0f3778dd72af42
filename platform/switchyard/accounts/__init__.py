"""django-allauth our way: second steps, sessions, and who comes in by a school's own sign-in."""
