"""The migration to Liquid: what a mailing said with single braces it says with double ones."""

from importlib import import_module

import pytest

from emails import merging

migration = import_module("emails.migrations.0005_liquid_and_formats")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("Hi { first_name}, come", "Hi Maya, come"),
        ("{{first_name}} is {first_name}", "{first_name} is Maya"),
        ("{{{first_name}}}", "{Maya}"),
        ("{{{{x}}}}", "{{x}}"),
        ("{{% raw %}}", "{% raw %}"),
        ("no braces", "no braces"),
    ],
)
def test_text_says_what_it_said(before: str, said: str) -> None:
    after = migration.to_liquid(before)
    assert merging.read(after).fill(merging.FIELDS) == said
    assert migration.to_braces(after) == before.replace("{ first_name}", "{first_name}")
