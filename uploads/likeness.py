"""How alike two headings are: by their letters, or by the words that they share. Plain arithmetic."""

import re
from collections.abc import Sequence

from uploads.headings import plain

LIKE_LETTERS = 0.8
"""From there on headings are alike by their letters: one of five may differ."""
LIKE_WORDS = 0.65
COMMON_WEIGHT = 0.3
COMMON_WORDS = frozenset(
    (
        "name",
        "number",
        "no",
        "nr",
        "nbr",
        "num",
        "id",
        "code",
        "date",
        "type",
        "year",
        "yr",
        "of",
        "the",
        "in",
    )
) | {"school", "university", "univ", "uni", "college", "campus"}
"""They stand in many headings, so that sharing one says little."""
SHORTEST_ABBREVIATION = 3
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
BETWEEN = re.compile(r"[\W_]+")


def likeness(heading: str, name: str, *, common: frozenset[str] = frozenset()) -> float:
    """Return how sure it is that a heading means the column called `name`: 0 for unlike, 1 for the same.

    `common` are words that say little here, beside `COMMON_WORDS`. A heading can still be alike and mean
    something else, so a person is asked.
    """
    letters = by_letters(plain(heading), plain(name))
    shared = by_words(words_of(heading), words_of(name), common=common | COMMON_WORDS)
    return max(letters if letters >= LIKE_LETTERS else 0, shared if shared >= LIKE_WORDS else 0)


def by_letters(one: str, other: str) -> float:
    """Return 1 less the share of letters to be changed, after Damerau and Levenshtein.

    Two letters that changed places are one change (optimal string alignment, Boytsov 2011).
    """
    longest = max(len(one), len(other))
    if not longest or abs(len(one) - len(other)) > longest * (1 - LIKE_LETTERS):
        return 0
    return 1 - _changes(one, other) / longest


def _changes(one: str, other: str) -> int:
    above, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for place, sign in enumerate(one, start=1):
        two_above, above, row = above, row, [place]
        for at, other_sign in enumerate(other, start=1):
            fewest = min(above[at] + 1, row[at - 1] + 1, above[at - 1] + (sign != other_sign))
            if place > 1 and at > 1 and (sign, one[place - 2]) == (other[at - 2], other_sign):
                fewest = min(fewest, two_above[at - 2] + 1)
            row.append(fewest)
    return row[-1]


def words_of(heading: str) -> list[str]:
    """Return the words in small letters: `studentFirst_Name(s)` has three, `E-Mail` is one."""
    words: list[str] = []
    letter = ""
    for word in BETWEEN.split(CAMEL.sub(" ", heading).casefold()):
        if len(word) == 1 and word.isalpha():
            letter = word
        elif word:
            words.append(letter + word)
            letter = ""
    return words


def by_words(one: Sequence[str], other: Sequence[str], *, common: frozenset[str]) -> float:
    """Return twice what the words in both weigh by what all weigh (Dice's coefficient)."""
    weights = [COMMON_WEIGHT if word in common else 1 for word in (*one, *other)]
    left, shared = list(other), 0.0
    for word, weight in zip(one, weights, strict=False):
        same = next((each for each in left if _is_same(word, each)), None)
        if same is not None:
            left.remove(same)
            shared += weight + (COMMON_WEIGHT if same in common else 1)
    return shared / sum(weights) if weights else 0


def _is_same(one: str, other: str) -> bool:
    """Say whether two words are the same, or one begins like the other: `grad` and `graduation`."""
    short, long = sorted((one, other), key=len)
    return short == long or (len(short) >= SHORTEST_ABBREVIATION and long.startswith(short))
