"""Programs with tokens, and a kind that they can ask for."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pydantic import Field

from jobs import tokens
from jobs.arguments import Arguments
from jobs.asking import Asked, NothingHere, Refused
from jobs.models import Job, School, Scope
from jobs.registry import Kind
from jobs.submission import submit
from jobs.testing import kind_in_lane, make_person, make_school

ALL = tuple(Scope.of_schools())


class CountingArguments(Arguments):
    """How far to count."""

    up_to: int = Field(ge=1, le=100)


class Counting(Kind):
    """Counts; one part."""

    label = "Counting"
    unit = "numbers"
    arguments = CountingArguments
    api_arguments = CountingArguments

    def request(self, asked: Asked) -> Job:
        if asked.arguments.up_to == 99:
            message = "Nobody can count to 99 today."
            raise Refused(message)
        if asked.arguments.up_to == 98:
            message = "There is no 98 in your school."
            raise NothingHere(message)
        return submit(
            kind="tests.counting",
            school=asked.school,
            by=asked.by,
            arguments={"up_to": asked.arguments.up_to},
            key=asked.key,
            **asked.options,
        )


class Program:
    """A program of a school, with a token."""

    def __init__(self, school: School, *scopes: Scope) -> None:
        """Give the program a token with `scopes`."""
        self.school = school
        self.person = make_person(school=school)
        self.token, text = tokens.make(school=school, name="Registry", scopes=scopes, by=self.person)
        self.headers = {"Authorization": f"Bearer {text}"}
        self.client = Client(enforce_csrf_checks=True)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = "" if body is None else json.dumps(body)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            f"/api/v1{path}", data, content_type="application/json", headers={**self.headers, **given}
        )

    def submit(self, key: str = "one", up_to: int = 3, **more: Any) -> HttpResponse:
        body = {"kind": "tests.counting", "arguments": {"up_to": up_to}, **more}
        return self.post("/jobs", body, idempotency_key=key)


@pytest.fixture
def counting(db: None) -> Iterator[Kind]:
    """The kind `tests.counting` in the lane mail."""
    with kind_in_lane(Counting, name="tests.counting", lane="mail") as kind:
        yield kind


@pytest.fixture
def with_scopes(school: School) -> Callable[..., Program]:
    """Make a program of the school whose token has the given scopes."""
    return lambda *scopes: Program(school, *scopes)


@pytest.fixture
def with_platform_token(db: None) -> Callable[..., Program]:
    """Make a program of the platform whose token has the given scopes."""
    return lambda *scopes: Program(School.objects.platform(), *scopes)


@pytest.fixture
def program(school: School) -> Program:
    """A program of the school that may do everything."""
    return Program(school, *ALL)


@pytest.fixture
def stranger(db: None) -> Program:
    """A program of another school that may do everything."""
    return Program(make_school(name="Lakeside College"), *ALL)
