"""The OpenAPI document: what ninja knows of the endpoints, with scopes, refusals and the kinds' arguments."""

from collections.abc import Sequence
from typing import Any, get_args

from ninja import NinjaAPI, Router
from ninja.errors import ValidationError, ValidationErrorContext
from ninja.operation import Operation
from pydantic import BaseModel

from jobs.api import endpoints, routers, workers
from jobs.api.auth import Bearer
from jobs.api.errors import KNOWN
from jobs.api.inputs import Input, JobRequest
from jobs.api.problems import MEDIA_TYPE
from jobs.api.schemas import ProblemOut
from jobs.requesting import offered_kinds

SCHEMA_AT = "#/components/schemas/{model}"
REFUSAL = {
    "description": "A refusal, with what to do about it",
    "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA_AT.format(model=ProblemOut.__name__)}}},
}


def all_routers() -> tuple[Router, ...]:
    """Return the core's endpoints, and those of the other apps."""
    return (endpoints.router, workers.router, *routers.offered())


class Api(NinjaAPI):
    """The API, whose document also says what a request may need and what a refusal looks like."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the short name that generated clients will call it by."""
        return operation.view_func.__name__

    def validation_error_from_error_contexts(
        self, error_contexts: Sequence[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Return what is wrong with a request, each error with the fields that its body takes."""
        errors = []
        for context in error_contexts:
            told = super().validation_error_from_error_contexts([context])
            errors += [{**error, KNOWN: _fields_of(context.model)} for error in told.errors]
        return ValidationError(errors)

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Return the document, with the scope and the same `default` answer for each operation."""
        document = super().get_openapi_schema(**kwargs)
        schemas, scopes = document["components"]["schemas"], _scopes()
        schemas.update(_schemas_of(ProblemOut))
        _tell_kinds(schemas)
        for operations in document["paths"].values():
            for operation in operations.values():
                scope = scopes[operation["operationId"]]
                operation["security"] = [{Bearer.__name__: [scope]}]
                operation["description"] += f" Needs a token with the scope `{scope}`."
                operation["responses"]["default"] = REFUSAL
        return document


def _fields_of(parameters: type[BaseModel]) -> list[str]:
    """Return the names of the fields of the body that is among an endpoint's `parameters`, if one is."""
    declared = [field.annotation for field in parameters.model_fields.values()]
    return [
        name
        for annotation in declared
        for model in (annotation, *get_args(annotation))
        if isinstance(model, type) and issubclass(model, Input)
        for name in model.model_fields
    ]


def _scopes() -> dict[str, str]:
    """Return the scope that each operation asks for."""
    paths = [path for router in all_routers() for path in router.path_operations.values()]
    operations = [operation for path in paths for operation in path.operations]
    return {
        operation.view_func.__name__: str(asking.scope)
        for operation in operations
        for asking in operation.auth_callbacks
        if isinstance(asking, Bearer)
    }


def _tell_kinds(schemas: dict[str, Any]) -> None:
    """Say in `schemas` which kinds can be asked for, and which arguments each takes."""
    offered = {kind.name: kind.api_arguments for kind in offered_kinds() if kind.api_arguments}
    if not offered:
        return
    fields = schemas[JobRequest.__name__]["properties"]
    fields["kind"]["enum"] = list(offered)
    fields["arguments"]["anyOf"] = [
        {"$ref": SCHEMA_AT.format(model=model.__name__)} for model in offered.values()
    ]
    for model in offered.values():
        schemas.update(_schemas_of(model))


def _schemas_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the schema of `model` by its name, with those that it refers to."""
    schema = model.model_json_schema(ref_template=SCHEMA_AT)
    return {**schema.pop("$defs", {}), model.__name__: schema}
