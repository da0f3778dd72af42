"""What a file is refused with."""

from typing import Any


def gettext_noop(sentence: str) -> str:
    """Mark a sentence to be translated by whoever tells it to a person: what reads files knows no Django."""
    return sentence


SAVE_AS_CSV = gettext_noop("Open it in your spreadsheet program, save it as CSV, and upload that file.")


class UnreadableFile(Exception):
    """The file as a whole cannot be taken; the message is a sentence for the person."""

    def __init__(self, sentence: str, *, advice: str = "", **values: Any) -> None:
        """Say why, and what may help; `values` are what stands in the sentence where it has their names."""
        super().__init__(f"{sentence.format(**values) if values else sentence} {advice}".strip())
        self.sentence, self.advice, self.values = sentence, advice, values

    @property
    def answer(self) -> dict[str, Any]:
        """What a process that reads files answers: the message, and what it is made of, to be translated."""
        parts = {"sentence": self.sentence, "advice": self.advice, "values": self.values}
        return {"refused": str(self), "parts": parts}
