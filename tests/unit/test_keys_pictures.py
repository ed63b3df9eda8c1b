"""Public paths of pictures: made of a document's place, and read back to it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clerk import keys
from clerk.model import DocumentKind


@given(
    st.sampled_from(DocumentKind),
    st.text(max_size=100),
    st.dates(min_value=date(1850, 1, 1)),
    st.integers(1, 400),
    st.sampled_from(["", "jpg", "webp"]),
)
def test_a_path_leads_back_to_its_place(kind, body, day, ordinal, extension):
    path = keys.page_image(kind, body, day, ordinal, 1, extension)

    assert keys.picture_place(path) == keys.PicturePlace(kind, keys.slug(body), day, ordinal)


@given(st.text())
def test_any_other_text_leads_nowhere(text):
    assert keys.picture_place(f"/../{text}") is None
