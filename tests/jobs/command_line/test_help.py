"""`manage.py jobs --help`, and that of each verb."""

import pytest

from jobs.management.commands.jobs import Command
from jobs.management.verbs.command import Verb
from jobs.management.verbs.exits import Exit


@pytest.mark.parametrize("verb", Command.verbs, ids=lambda verb: verb.name)
def test_help_of_each_verb_says_what_it_does_and_what_each_argument_is(
    verb: Verb, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    parser = Command().create_parser("manage.py", "jobs")
    with pytest.raises(SystemExit):
        parser.parse_args([verb.name, "--help"])
    told = capsys.readouterr().out
    assert verb.help in " ".join(told.split())
    assert ("with --wait" in told) == (verb.name == "show")
    assert "\n  130  interrupted by Ctrl-C\n" in told
    assert max(map(len, told.splitlines())) <= 90
    verbs = next(action for action in parser._actions if action.dest == "verb")
    assert isinstance(verbs.choices, dict)
    assert [action.dest for action in verbs.choices[verb.name]._actions if not action.help] == []


def test_help_of_the_command_has_a_line_for_each_verb_and_each_exit_code() -> None:
    told = Command().create_parser("manage.py", "jobs").format_help()
    for verb in Command.verbs:
        assert f"    {verb.name:19} {verb.help.split()[0]}" in told
    for code in Exit:
        assert f"\n  {code:>3}  " in told
