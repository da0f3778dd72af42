"""The arguments that jobs of a kind have: declared once by the kind, checked wherever a job is asked for."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.asking import WrongArguments
from jobs.mistakes import sentences


class Arguments(BaseModel):
    """A kind's arguments: a field for each, with its type; this one has none."""

    # Strict: a number is not written as a text, a choice's own field says `strict=False`.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """Return `given` as the declared arguments.

        Raises:
            WrongArguments: by each that is unknown, missing or of the wrong type, with what to do about it.
        """
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise WrongArguments(
                sentences(error.errors(), within="arguments", known=cls.model_fields)
            ) from error
