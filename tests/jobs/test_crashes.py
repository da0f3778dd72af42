"""What the history of a job tells of a crash: enough to look for it, and no mail addresses."""

import pytest

from jobs.crashes import MOST_CHARACTERS, told


class Silent(Exception):
    """Has nothing to say."""

    def __str__(self) -> str:
        """Fail."""
        raise self


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError("packet"), "KeyError: 'packet'"),
        (ValueError(), "ValueError"),
        (ValueError("First.\nSecond."), "ValueError: First."),
        (ValueError("\nSecond."), "ValueError"),
        (ValueError("a\0b\x1b[2J\ud800"), "ValueError: a b [2J "),
        (ValueError("No mail to <ana.oez+x@uni.example>."), "ValueError: No mail to <[address]>."),
        (ValueError("ana@uni.example,bo@uni.example:25"), "ValueError: [address],[address]:25"),
        (ValueError('"ana oez"@uni.example is unknown'), "ValueError: [address] is unknown"),
        (
            ValueError("https://x.example/?to=ana%40uni.example&n=1"),
            "ValueError: https://x.example/?to=[address]&n=1",
        ),
        (ValueError("postgres://staff:secret@db/one"), "ValueError: postgres://staff:[address]"),
        (ValueError("50% of 7 @ 3"), "ValueError: 50% of 7 @ 3"),
    ],
)
def test_type_and_first_line_are_told_and_addresses_are_masked(error: Exception, said: str) -> None:
    assert told(error) == said


def test_type_of_another_module_is_told_with_it_and_one_that_cannot_speak_too() -> None:
    assert told(Silent()) == f"{__name__}.Silent: <exception str() failed>"


def test_place_of_a_syntax_error_is_left_out() -> None:
    with pytest.raises(SyntaxError) as raised:
        compile("a b", "mail@uni.example", "exec")
    assert told(raised.value) == "SyntaxError: invalid syntax"


def test_long_message_is_shortened_and_an_address_at_the_cut_is_masked() -> None:
    error = told(ValueError("x " * 85 + "ana.oez@uni.example"))
    assert error.endswith(" [address]")
    assert len(told(ValueError("x" * 1_000_000))) == MOST_CHARACTERS
