"""Whether a text is in the language that the extractor's rules know."""

import re

from clerk.stages.names import words

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH = words("the of to and by was were for is that with from this be on at")
_LEAST = 80
"""Words; of fewer nothing is said."""
_SHARE = 0.04
"""English minutes have five times as many of these words, lists of names and sums twice."""
_MOST = 20_000
"""Characters that are looked at."""


def is_other_language(text: str) -> bool:
    """Whether there is text enough, and hardly one of the words that no English text is without."""
    spoken = [word[0].casefold() for word in _WORD.finditer(text, 0, min(len(text), _MOST))]
    if len(spoken) < _LEAST:
        return False
    return sum(word in _ENGLISH for word in spoken) < _SHARE * len(spoken)
