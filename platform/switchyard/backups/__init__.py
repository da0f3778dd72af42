"""Backups: database and files of one moment in one encrypted file, and the way back."""


class CannotBackUp(Exception):
    """Nothing was backed up or restored; the message says why and what to do."""
