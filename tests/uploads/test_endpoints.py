"""Uploads by programs: a file put, polled, imported and undone."""

import json
from typing import Any
from unittest import mock

import pytest
from django.http import HttpResponse, UnreadablePostError
from openapi_spec_validator import validate
from pytest_django import DjangoAssertNumQueries, Settings

from jobs.models import Job, School, Scope
from jobs.testing import make_school, run_parts
from tests.jobs.api.conftest import ALL, Program
from uploads.models import FileShape, Student, Upload

HEAD = "number,first name,last name,email,major,graduation year\n"
MAYA = "0017,Maya,Lee,maya@school.example,Nursing,2027\n"
WRONG = "0019,Ana,Cruz,ana,,\n"
ODD = "Ref,Given Name(s),Family,Private mail,Email\n0017,Maya,Lee,,maya@school.example\n"
CHOSEN = {"number": 0, "first_name": 1, "last_name": 2, "email": 4}


@pytest.fixture
def program(school: School) -> Program:
    """A program of the school that may do everything."""
    return Program(school, *ALL)


@pytest.fixture
def stranger(school: School) -> Program:
    """A program of another school that may do everything."""
    return Program(make_school(name="Lakeside College"), *ALL)


def put(program: Program, data: str | bytes = HEAD + MAYA, *, key: str = "one", **asked: Any) -> HttpResponse:
    query, headers = (
        asked.pop("query", ""),
        {**program.headers, "Idempotency-Key": key, **asked.pop("headers", {})},
    )
    given = {"content_type": "text/csv", **asked}
    return program.client.put(f"/api/v1/uploads{query}", data, headers=headers, **given)


def put_columns(program: Program, pk: int, columns: Any) -> HttpResponse:
    body = json.dumps({"columns": columns})
    return program.client.put(
        f"/api/v1/uploads/{pk}/columns", body, content_type="application/json", headers=program.headers
    )


def refused(response: HttpResponse, *, status: int, name: str) -> str:
    assert response.status_code == status, response.content
    told = response.json()
    assert told["type"] == f"urn:switchyard:problem:{name}"
    return str(told["detail"])


def checked(program: Program, data: str = HEAD + MAYA, **asked: Any) -> int:
    pk = put(program, data, **asked).json()["id"]
    run_parts(lane="uploads")
    return int(pk)


def test_a_file_is_put_polled_imported_and_undone(program: Program) -> None:
    response = put(program, HEAD + MAYA + WRONG, query="?name=nightly.csv")
    assert response.status_code == 201
    told = response.json()
    assert (told["state"], told["rows"], told["file"]["name"]) == ("checking", None, "nightly.csv")
    path = response["Location"].removeprefix("/api/v1")
    run_parts(lane="uploads")
    told = program.get(path).json()
    assert told["rows"] == {"new": 1, "changed": 0, "unchanged": 0, "skipped": 0, "wrong": 1}
    assert [(each["row"], each["column"]) for each in told["problems"]] == [(3, "email")]
    assert told["problem_counts"] == [
        {"column": "email", "reason": "It is not an e-mail address.", "count": 1}
    ]
    assert b"Row 3" in b"".join(program.get(f"/files/{told['error_file']['id']}"))
    assert program.post(f"{path}/import", idempotency_key="go").json()["state"] == "importing"
    run_parts(lane="uploads")
    told = program.get(path).json()
    assert (told["state"], told["can_be_undone"], Student.objects.count()) == ("imported", True, 1)
    assert program.post(f"{path}/undo").json()["state"] == "undoing"
    run_parts(lane="uploads")
    assert program.post(f"{path}/undo").json()["state"] == "undone"
    assert not Student.objects.exists()
    assert set(Job.objects.values_list("program", flat=True)) == {"Registry"}


def test_the_same_key_brings_the_same_upload(program: Program) -> None:
    first, second = put(program), put(program)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert refused(put(program, HEAD + WRONG), status=409, name="key-taken").startswith(
        "The key belongs to upload"
    )
    for query in ("?needs_all=true", "?mail=true", "?sheet=Two", "?dataset=employers"):
        refused(put(program, query=query), status=409, name="key-taken")
    assert Upload.objects.count() == Job.objects.count() == 1


def test_a_file_that_was_imported_before_is_told_of(program: Program) -> None:
    first, second = checked(program), checked(program, key="two")
    assert program.get(f"/uploads/{second}").json()["same_imported_at"] is None
    program.post(f"/uploads/{first}/import", idempotency_key="go")
    run_parts(lane="uploads")
    imported_at = program.get(f"/uploads/{first}").json()["imported_at"]
    assert program.get(f"/uploads/{second}").json()["same_imported_at"] == imported_at
    program.post(f"/uploads/{first}/undo")
    run_parts(lane="uploads")
    assert program.get(f"/uploads/{second}").json()["same_imported_at"] is None


def test_the_same_key_imports_once(program: Program) -> None:
    pk, other = checked(program), checked(program, key="two")
    for _ in range(2):
        assert program.post(f"/uploads/{pk}/import", idempotency_key="go").status_code == 200
    run_parts(lane="uploads")
    assert program.post(f"/uploads/{pk}/import", {}, idempotency_key="go").json()["state"] == "imported"
    assert Job.objects.filter(kind="uploads.import").count() == 1
    for path, body in ((f"/uploads/{other}/import", {}), (f"/uploads/{pk}/import", {"others": True})):
        refused(program.post(path, body, idempotency_key="go"), status=409, name="key-taken")
    said = refused(program.post(f"/uploads/{pk}/import", idempotency_key="again"), status=409, name="refused")
    assert "its state is “Imported”" in said


def test_an_import_needs_a_key_and_something_to_import(program: Program) -> None:
    pk = checked(program, HEAD + WRONG)
    refused(program.post(f"/uploads/{pk}/import"), status=400, name="key-missing")
    said = refused(program.post(f"/uploads/{pk}/import", idempotency_key="go"), status=409, name="refused")
    assert "no row of it is good" in said
    held = checked(program, HEAD + MAYA + WRONG, key="all", query="?needs_all=true")
    said = refused(program.post(f"/uploads/{held}/import", idempotency_key="go"), status=409, name="refused")
    assert "`needs_all`" in said


def test_what_was_not_imported_cannot_be_undone(program: Program) -> None:
    refused(program.post(f"/uploads/{checked(program)}/undo"), status=409, name="refused")


def test_columns_that_are_not_sure_are_chosen_and_remembered(program: Program) -> None:
    told = put(program, ODD).json()
    assert (told["state"], told["missing"]) == ("mapping", ["number"])
    assert [column["suggested"] for column in told["columns"]] == [
        None,
        "first_name",
        "last_name",
        None,
        "email",
    ]
    assert told["columns"][1]["samples"] == ["Maya"]
    assert put_columns(program, told["id"], CHOSEN).json()["state"] == "checking"
    run_parts(lane="uploads")
    assert program.get(f"/uploads/{told['id']}").json()["rows"]["new"] == 1
    again = put(program, ODD, key="two").json()
    assert (again["state"], again["columns"][0]["read_as"]) == ("checking", "number")


@pytest.mark.parametrize(
    ("columns", "field", "sentence"),
    [
        ({**CHOSEN, "emial": 3}, "columns.emial", "email"),
        ({**CHOSEN, "major": 5}, "columns.major", "The file has 5 columns"),
        ({**CHOSEN, "major": 4}, "columns.major", "Column 4 is read as two."),
        ({"number": 0}, "columns", "No column is read as: first_name, last_name, email."),
    ],
)
def test_columns_that_cannot_be_are_named(
    program: Program, columns: dict[str, int], field: str, sentence: str
) -> None:
    response = put_columns(program, put(program, ODD).json()["id"], columns)
    refused(response, status=422, name="wrong-fields")
    [said] = [error["detail"] for error in response.json()["errors"] if error["field"] == field]
    assert sentence in said
    assert not FileShape.objects.exists()


@pytest.mark.parametrize(
    ("data", "query", "field", "sentence"),
    [
        (b"", "", "file", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "", "file", "This is a picture"),
        (HEAD.encode(), "", "file", "no rows below"),
        (HEAD.encode(), "?dataset=student", "dataset", "students"),
        (HEAD.encode(), "?datasat=students", "datasat", "Did you mean 'dataset'?"),
    ],
)
def test_what_cannot_be_used_is_named(
    program: Program, data: bytes, query: str, field: str, sentence: str
) -> None:
    response = put(program, data, query=query)
    refused(response, status=422, name="wrong-fields")
    [said] = [error["detail"] for error in response.json()["errors"] if error["field"] == field]
    assert sentence in said
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_before_it_is_read(program: Program, settings: Settings) -> None:
    settings.SWITCHYARD = {**settings.SWITCHYARD, "files": {"upload_megabytes": 0.001}}
    said = refused(put(program, HEAD + MAYA * 30), status=413, name="too-large")
    assert "1,048 bytes" in said


def test_forms_chunks_and_packed_bodies_are_refused(program: Program) -> None:
    for kind in ("multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        refused(put(program, content_type=kind), status=415, name="no-plain-file")
    refused(put(program, headers={"Content-Encoding": "gzip"}), status=415, name="no-plain-file")
    refused(put(program, headers={"Transfer-Encoding": "chunked"}), status=411, name="length-missing")


def test_a_body_that_breaks_off_makes_no_upload(program: Program) -> None:
    with mock.patch("django.core.handlers.wsgi.WSGIRequest.read", side_effect=[b"number,fir", b""]):
        refused(put(program), status=400, name="broken-off")
    with mock.patch("django.core.handlers.wsgi.WSGIRequest.read", side_effect=UnreadablePostError):
        refused(put(program), status=400, name="broken-off")
    assert not Upload.objects.exists()


def test_a_large_file_is_never_held_in_memory_as_a_whole(program: Program) -> None:
    rows = "".join(f"{number},Maya,Lee,m{number}@school.example,,\n" for number in range(60_000))
    with mock.patch("django.http.request.HttpRequest.body", new_callable=mock.PropertyMock) as body:
        response = put(program, HEAD + rows)
    assert response.status_code == 201
    assert not body.called
    assert response.json()["file"]["size"] > 2 << 20


def test_each_endpoint_needs_its_scope(program: Program, school: School) -> None:
    pk = checked(program)
    reader, submitter = Program(school, Scope.READ), Program(school, Scope.SUBMIT)
    refused(put(reader), status=403, name="scope-missing")
    refused(reader.post(f"/uploads/{pk}/import", idempotency_key="go"), status=403, name="scope-missing")
    refused(submitter.post(f"/uploads/{pk}/undo"), status=403, name="scope-missing")
    refused(submitter.get("/uploads"), status=403, name="scope-missing")
    assert put(program, headers={"Authorization": "Bearer sy_no"}).status_code == 401


def test_uploads_of_another_school_are_not_found(program: Program, stranger: Program) -> None:
    pk = checked(program)
    for response in (
        stranger.get(f"/uploads/{pk}"),
        stranger.post(f"/uploads/{pk}/import", idempotency_key="go"),
        stranger.post(f"/uploads/{pk}/undo"),
        put_columns(stranger, pk, CHOSEN),
    ):
        refused(response, status=404, name="nothing-here")
    assert stranger.get("/uploads").json() == {"uploads": [], "next": None}
    assert put(stranger).status_code == 201


def test_uploads_are_listed_a_page_at_a_time(
    program: Program, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [put(program, key=f"key {number}").json()["id"] for number in range(3)]
    with django_assert_max_num_queries(6):
        first = program.get("/uploads", limit=2).json()
    assert [each["id"] for each in first["uploads"]] == [ids[2], ids[1]]
    second = program.get("/uploads", limit=2, cursor=first["next"]).json()
    assert ([each["id"] for each in second["uploads"]], second["next"]) == ([ids[0]], None)


def test_datasets_are_listed_with_their_columns(program: Program) -> None:
    told = {each["name"]: each for each in program.get("/datasets").json()["datasets"]}
    assert set(told) == {"students", "employers", "vacancies", "applications", "outcomes"}
    number = told["students"]["columns"][0]
    assert (number["name"], number["is_required"]) == ("number", True)
    assert "sid" in number["synonyms"]


def test_the_document_tells_of_uploads(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json()
    validate(document)
    putting = document["paths"]["/api/v1/uploads"]["put"]
    assert putting["security"] == [{"Bearer": ["jobs:submit"]}]
    assert putting["requestBody"]["content"] == {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    assert {"Idempotency-Key", "dataset", "name", "sheet", "needs_all", "mail"} == {
        each["name"] for each in putting["parameters"]
    }
    assert document["paths"]["/api/v1/uploads/{upload_id}/undo"]["post"]["security"] == [
        {"Bearer": ["jobs:change"]}
    ]
