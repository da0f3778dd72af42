"""What a file is refused with."""

SAVE_AS_CSV = "Open it in your spreadsheet program, save it as CSV, and upload that file."


class UnreadableFile(Exception):
    """The file as a whole cannot be taken; the message is a sentence for the person."""
