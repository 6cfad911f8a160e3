"""Three-letter codes of districts, from their names: San Juan de Lurigancho is SJL, La Victoria LVI, Ate ATE."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import combinations

_SMALL_WORDS = {"de", "del", "of", "the", "and", "y", "da", "do"}


def plain_letters(text: str) -> str:
    """Return the text without accents, in lower case."""
    bare = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in bare if not unicodedata.combining(letter)).casefold()


def district_codes(names: Sequence[str]) -> tuple[str, ...]:
    """Return one code of three letters a name, all different, the same for the same list of names."""
    taken: dict[str, None] = {}
    for name in names:
        taken[next(code for code in _candidates(name) if code not in taken)] = None
    return tuple(taken)


def _candidates(name: str) -> Iterator[str]:
    words = [word for word in re.findall(r"[a-z0-9]+", plain_letters(name)) if word not in _SMALL_WORDS] or ["x"]
    if len(words) > 3 and words[1] in {"la", "el", "los", "las"}:
        words = [words[0], *words[2:]]
    if len(words) >= 3:
        yield "".join(word[0] for word in words[:3]).upper()
    if len(words) == 2:
        yield (words[0][0] + words[1][:2]).upper().ljust(3, "X")
    letters = "".join(words)
    if len(letters) >= 3:
        yield letters[:3].upper()
    for second, third in combinations(letters[1:], 2):
        yield (letters[0] + second + third).upper()
    for number in range(1000):
        yield f"{number:03d}"
