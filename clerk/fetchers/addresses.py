"""What an address says before it is asked for: a document, another file, or a page of another kind.

Share links (Google Drive, Dropbox, SharePoint) show a page around the file; `download_address` is
where the file itself is. Viewers and mail filters carry the address they lead to in a parameter;
`unwrapped` takes it out. Pure; no address is dialled here.
"""

import re
from urllib.parse import unquote

import httpx

_OFFICE = r"docx?|odt|rtf|pages|wpd"
_OFFICE_FILE = re.compile(rf"(?i)\.(?:{_OFFICE})$")
_OTHER_FILE = re.compile(
    rf"(?i)\.(?:{_OFFICE}|html?|xhtml|txt|xlsx?|csv|pptx?|mp[34]|m4[av]|wav|webm|mov|avi|jpe?g|png"
    r"|gif|svg|webp|zip|ics|xml|rss|json|vtt|srt|css|js)$"
)
# Meetings as they are held and seen, forms and maps: whatever a link to them is called.
_NO_DOCUMENTS = re.compile(
    r"(?i)(?:.+\.)?(?:zoom\.us|zoomgov\.com|webex\.com|gotomeeting\.com|gotowebinar\.com"
    r"|teams\.(?:microsoft|live)\.com|meet\.google\.com|youtube\.com|youtu\.be|vimeo\.com"
    r"|facebook\.com|fb\.watch|twitter\.com|x\.com|instagram\.com|linkedin\.com"
    r"|wufoo\.com|surveymonkey\.com|forms\.gle|jotform\.com|eventbrite\.com|govdelivery\.com"
    r"|maps\.google\.com|maps\.app\.goo\.gl|calendar\.google\.com|outlook\.(?:live|office)\.com"
    r"|calendar\.yahoo\.com)"
)
_ADD_TO_CALENDAR = re.compile(r"(?i)(?:www\.)?google\.com/calendar/.*")
_FRONT_PAGE = re.compile(r"(?i)/(?:weblink/)?(?:(?:welcome|browse|search|login|default)\.aspx)?")
_WRAPPER = re.compile(
    r"(?i)(?:.+\.)?safelinks\.protection\.outlook\.com|(?:www|docs)\.google\.com"
    r"|view\.officeapps\.live\.com|(?:www\.)?facebook\.com"
)
_WRAPPED_IN = re.compile(r"(?i)/?|/(?:url|viewer|gview|l\.php|op/(?:view|embed)\.aspx)")
_DRIVE = re.compile(r"/file/d/([\w-]{10,100})(?:/|$)")
_GOOGLE_DOC = re.compile(r"/(document|presentation|spreadsheets)/d/([\w-]{10,100})(?:/|$)")


def is_pdf(url: httpx.URL) -> bool:
    """Whether the path ends in `.pdf`."""
    return url.path.lower().endswith(".pdf")


def is_other_file(url: httpx.URL) -> bool:
    """Whether it surely is no PDF: by the ending of its path, or of a file that a parameter names.

    `RedirectToDoc.aspx?URL=Open/2024/agenda_WEB.htm` leads to a web page.
    """
    return any(map(_OTHER_FILE.search, _endings(url)))


def is_office_file(url: httpx.URL) -> bool:
    """Whether it is a text document of another kind, as `.docx`."""
    return any(map(_OFFICE_FILE.search, _endings(url)))


def _endings(url: httpx.URL) -> list[str]:
    query = url.query.decode("ascii", "replace")
    return [url.path, *(unquote(part.partition("=")[2]) for part in query.split("&"))]


def holds_no_document(url: httpx.URL) -> bool:
    """Whether there can be none: a video call, a survey, a calendar, a records portal's front."""
    front = not url.query and _FRONT_PAGE.fullmatch(url.path) is not None
    if front or _ADD_TO_CALENDAR.fullmatch(f"{url.host}{url.path}"):
        return True
    return _NO_DOCUMENTS.fullmatch(url.host) is not None


def unwrapped(url: httpx.URL) -> str | None:
    """The address that a viewer or a mail filter was given, or None if this is neither."""
    if not _WRAPPER.fullmatch(url.host) or not _WRAPPED_IN.fullmatch(url.path):
        return None
    inner = (url.params.get(name, "") for name in ("url", "q", "src", "u"))
    return next((text for text in inner if re.match(r"(?i)https?://", text)), None)


def download_address(address: str) -> str:
    """Where the file behind a share link is; any other address as it is."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        return address
    return _shared(url) or address


def _shared(url: httpx.URL) -> str | None:
    if url.host == "drive.google.com":
        found = _DRIVE.match(url.path)
        name = found[1] if found else url.params.get("id") if url.path == "/open" else None
        return f"https://drive.google.com/uc?export=download&id={name}" if name else None
    if url.host == "docs.google.com":
        found = _GOOGLE_DOC.match(url.path)
        return (
            f"https://docs.google.com/{found[1]}/d/{found[2]}/export?format=pdf" if found else None
        )
    if url.host == "www.dropbox.com" and re.match(r"/(?:s|scl/fi)/", url.path):
        return str(url.copy_set_param("dl", "1"))
    if url.host.endswith(".sharepoint.com") and re.match(r"/:b:/", url.path):
        return str(url.copy_set_param("download", "1"))
    return None
