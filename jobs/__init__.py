"""The job core: it knows no other app."""
