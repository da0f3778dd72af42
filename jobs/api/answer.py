"""What all answers of the API have in common."""

from ninja import Schema
from pydantic import ConfigDict


class Answer(Schema):
    """An answer, whose fields say in the OpenAPI document what they are."""

    model_config = ConfigDict(use_attribute_docstrings=True)
