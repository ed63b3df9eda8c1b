"""What addresses say before they are asked for."""

import httpx
import pytest

from clerk.fetchers import addresses

ID = "1AbC-dEf_GhIjKlMnOp"


@pytest.mark.parametrize(
    ("shared", "file"),
    [
        (
            f"https://drive.google.com/file/d/{ID}/view?usp=sharing",
            f"https://drive.google.com/uc?export=download&id={ID}",
        ),
        (
            f"https://drive.google.com/open?id={ID}",
            f"https://drive.google.com/uc?export=download&id={ID}",
        ),
        (
            f"https://docs.google.com/document/d/{ID}/edit?usp=sharing",
            f"https://docs.google.com/document/d/{ID}/export?format=pdf",
        ),
        ("https://www.dropbox.com/s/abc/m.pdf?dl=0", "https://www.dropbox.com/s/abc/m.pdf?dl=1"),
        (
            "https://www.dropbox.com/scl/fi/abc/m.pdf?rlkey=k&dl=0",
            "https://www.dropbox.com/scl/fi/abc/m.pdf?rlkey=k&dl=1",
        ),
        (
            "https://alder.sharepoint.com/:b:/g/council/Ex?e=Q",
            "https://alder.sharepoint.com/:b:/g/council/Ex?e=Q&download=1",
        ),
    ],
)
def test_share_links_lead_to_the_file(shared, file):
    assert addresses.download_address(shared) == file


@pytest.mark.parametrize(
    "address",
    [
        "https://town.example.org/file/d/abc/view",
        f"https://drive.google.com/drive/folders/{ID}",
        "https://drive.google.com/file/d/short/view",
        "https://www.dropbox.com/sh/folder/x?dl=0",
        "https://user:word@town.example.org/m.pdf?dl=0",
        "not an address",
        "http://[",
    ],
)
def test_other_addresses_stay_as_they_are(address):
    assert addresses.download_address(address) == address


@pytest.mark.parametrize(
    ("wrapped", "inner"),
    [
        ("https://docs.google.com/viewer?url=https://a.org/m.pdf&embedded=1", "https://a.org/m.pdf"),
        ("https://docs.google.com/gview?url=http%3A%2F%2Fa.org%2Fm.pdf", "http://a.org/m.pdf"),
        ("https://www.google.com/url?q=https://a.org/m.pdf&sa=D", "https://a.org/m.pdf"),
        (
            "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.org%2Fm&data=5",
            "https://a.org/m",
        ),
        ("https://view.officeapps.live.com/op/view.aspx?src=https://a.org/m.docx", "https://a.org/m.docx"),
        ("https://a.org/viewer?url=https://b.org/m.pdf", None),
        ("https://www.google.com/url?q=javascript:x", None),
        ("https://www.google.com/search?q=https://a.org", None),
    ],
)  # fmt: skip
def test_viewers_and_mail_filters_give_the_address_they_wrap(wrapped, inner):
    assert addresses.unwrapped(httpx.URL(wrapped)) == inner


@pytest.mark.parametrize(
    ("address", "office", "other"),
    [
        ("https://a.org/m.DOCX", True, True),
        ("https://a.org/get?name=m.doc&x=1", True, True),
        ("https://a.org/Redirect.aspx?URL=Open%2F2024%2FA_WEB.htm", False, True),
        ("https://a.org/Redirect.aspx?URL=Open/2024/A.PDF", False, False),
        ("https://a.org/m.docx.pdf", False, False),
        ("https://a.org/ViewFile/Agenda/_03052024-123", False, False),
    ],
)
def test_endings_tell_other_files(address, office, other):
    url = httpx.URL(address)
    assert (addresses.is_office_file(url), addresses.is_other_file(url)) == (office, other)
