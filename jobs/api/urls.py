"""The API's addresses, mounted at /api/v1/."""

from typing import Any, cast

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path
from ninja import NinjaAPI
from ninja.operation import Operation

from jobs.api.auth import Bearer
from jobs.api.endpoints import router
from jobs.api.errors import handle_errors
from jobs.api.gate import open_to_programs
from jobs.api.problems import MEDIA_TYPE
from jobs.api.schemas import ProblemOut

NAMESPACE = "api"
DESCRIPTION = """\
Jobs of one school, for its own programs. Staff make tokens at /tokens/; send one as
`Authorization: Bearer sy_…`. A token has scopes: `jobs:read` for all GET requests, `jobs:submit` for
POST /jobs, `jobs:change` for stop, retry, pause and resume. Every refusal is `application/problem+json`
(RFC 9457) with a `remedy`. Times are UTC in ISO 8601.

A token may be used a number of times a minute; the headers `RateLimit-Policy` and `RateLimit` say how
often and what is left. What is beyond is answered 429, and `Retry-After` says when to ask again.
"""
SCHEMA_AT = "#/components/schemas/{model}"
REFUSAL = {
    "description": "A refusal, with what to do about it",
    "content": {MEDIA_TYPE: {"schema": {"$ref": SCHEMA_AT.format(model="ProblemOut")}}},
}


class Api(NinjaAPI):
    """The API, whose OpenAPI document also says what refusals look like."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return the short name that generated clients will call it by."""
        return operation.view_func.__name__

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        """Return the document, with the scope and the same `default` answer for each operation."""
        document = super().get_openapi_schema(**kwargs)
        document["components"]["schemas"] |= _problem_schemas()
        scopes = _scopes()
        for operations in document["paths"].values():
            for operation in operations.values():
                scope = scopes[operation["operationId"]]
                operation["security"] = [{Bearer.__name__: [scope]}]
                operation["description"] += f" Needs a token with the scope `{scope}`."
                operation["responses"]["default"] = REFUSAL
        return document


def _scopes() -> dict[str, str]:
    """Return the scope that each operation asks for."""
    operations = [operation for path in router.path_operations.values() for operation in path.operations]
    return {
        operation.view_func.__name__: str(asking.scope)
        for operation in operations
        for asking in operation.auth_callbacks
        if isinstance(asking, Bearer)
    }


def _problem_schemas() -> dict[str, Any]:
    problem = ProblemOut.model_json_schema(ref_template=SCHEMA_AT)
    return {**problem.pop("$defs"), "ProblemOut": problem}


def nothing_here(_request: HttpRequest, **_: Any) -> HttpResponseBase:
    """Answer an address that is none of ours.

    Raises:
        Http404: always.
    """
    raise Http404


def _patterns() -> list[URLPattern]:
    """Return the addresses, each open to programs."""
    api = Api(
        title="Switchyard", version="1", description=DESCRIPTION, docs_url=None, urls_namespace=NAMESPACE
    )
    api.add_router("", router)
    handle_errors(api)
    patterns = [*cast("list[URLPattern]", api.urls[0]), re_path("", nothing_here)]
    for pattern in patterns:
        open_to_programs(pattern)
    return patterns


app_name = NAMESPACE
urlpatterns = _patterns()
