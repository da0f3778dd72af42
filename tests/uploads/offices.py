"""What takes letters in place of a mail relay."""

from jobs.letters import Letter


class Office:
    """Takes letters, and fails as it is told."""

    def __init__(self) -> None:
        """Have sent nothing, and fail at nothing."""
        self.sent: list[Letter] = []
        self.errors: list[Exception] = []

    def new_message_id(self) -> str:
        return "<one@switchyard.example>"

    def send(self, letter: Letter) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(letter)
