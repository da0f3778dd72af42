"""The JSON API, under /api/v1/: schools' own programs submit, see and change jobs."""
