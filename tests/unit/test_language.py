"""Text in a language that the extractor's rules do not know."""

import pytest

from clerk.stages.language import is_other_language

SPANISH = (
    "Acta de la sesión ordinaria celebrada por el Pleno del Ayuntamiento. Se aprueba por unanimidad"
    " la propuesta del Alcalde, con once votos a favor y ninguno en contra. "
) * 6
ENGLISH = (
    "Minutes of the regular meeting of the Council. It was moved by Mayor Adams and seconded by Mr."
    " Brown to approve the minutes of the last meeting. Carried. "
) * 6
NAMES = "Present: Al Adams, Bo Brown, Cy Clark and Di Dunn. Moved by Adams to rest. Carried. " * 9


@pytest.mark.parametrize(
    ("text", "other"),
    [(SPANISH, True), (ENGLISH, False), (NAMES, False), (SPANISH[:200], False), ("", False)],
)
def test_text_without_english_words_is_in_another_language(text, other):
    assert is_other_language(text) is other
