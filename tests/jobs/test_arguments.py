"""A job with arguments that its kind does not know is refused when it is asked for, not in a worker."""

from typing import Any

import pytest

from jobs.arguments import Arguments
from jobs.asking import WrongArguments
from jobs.drafting import Request
from jobs.models import Job, School
from jobs.registry import Kind, kind_named, kinds
from jobs.submission import submit, submit_many


def refusal(kind: str, arguments: Any, *, school: School) -> dict[str, str]:
    """Return what is said of `arguments`, of which nothing must be written."""
    with pytest.raises(WrongArguments) as refused:
        submit(kind=kind, school=school, by=None, arguments=arguments, key="one")
    assert not Job.objects.exists()
    return refused.value.problems


def test_unknown_argument_is_named_with_its_value_and_the_one_that_is_meant(school: School) -> None:
    assert refusal("packets.build", {"packet": 1, "packt": "seven"}, school=school) == {
        "arguments.packt": "There is no such field; correct its name, or leave it out. "
        "Its value was \"seven\". Did you mean 'packet'?"
    }


def test_unknown_argument_that_looks_like_none_is_answered_with_those_that_there_are(
    steps: Kind, school: School
) -> None:
    told = refusal(steps.name, {"parts": [], "colour": None}, school=school)
    assert told["arguments.colour"].endswith("Its value was null. There are: parts.")


def test_missing_argument_is_named(school: School) -> None:
    assert refusal("uploads.import", {}, school=school) == {"arguments.upload": "This field is missing."}


@pytest.mark.parametrize(
    ("code", "shown"),
    [("7", '"7"'), (True, "true"), (7.5, "7.5"), (0, "0"), (None, "null"), ([7], "[7]"), (2**63, f"{2**63}")],
)
def test_argument_of_another_type_is_named_with_its_value(school: School, code: Any, shown: str) -> None:
    told = refusal("emails.code", {"code": code}, school=school)
    assert told["arguments.code"].endswith(f" Its value was {shown}.")


def test_long_value_is_shortened_and_one_that_no_json_knows_is_told(school: School) -> None:
    told = refusal("emails.code", {"code": "a\x1b" + "x" * 1000}, school=school)["arguments.code"]
    assert told.endswith("xxx….")
    assert len(told) < 120
    assert "object" in refusal("emails.code", {"code": object()}, school=school)["arguments.code"]


def test_arguments_that_are_no_object_are_refused(school: School) -> None:
    assert refusal("emails.code", [7], school=school)["arguments"].startswith("Send a JSON object here.")


def test_one_wrong_request_among_many_writes_none(steps: Kind, school: School) -> None:
    requests = [
        Request(kind=steps.name, school=school, by=None, arguments={"parts": parts}, key=str(parts))
        for parts in ([1], "two")
    ]
    with pytest.raises(WrongArguments, match=r'arguments\.parts: Send a list here\. Its value was "two"\.'):
        submit_many(requests)
    assert not Job.objects.exists()


@pytest.mark.parametrize("name", [kind.name for kind in kinds()])
def test_every_kind_declares_its_arguments(name: str) -> None:
    declared = kind_named(name).arguments
    assert issubclass(declared, Arguments)
    assert declared.model_config["extra"] == "forbid"
    assert declared.model_config["frozen"]
    with pytest.raises(WrongArguments, match="There is no such field"):
        declared.read({"surely_unknown": 1})
