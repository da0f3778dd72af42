"""The uploads app: students come in by CSV, checked before they are imported."""
