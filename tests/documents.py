"""Small documents to compile, for tests of every level."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from clerk import keys
from clerk.model import (
    Attendance,
    CompiledDocument,
    CompiledPage,
    DocumentKind,
    DocumentState,
    Extraction,
    GenerationInfo,
    GenerationKind,
    Meeting,
    Mention,
    Missing,
    Motion,
    PageSource,
    PageState,
    Person,
    Site,
    Span,
    Vote,
    VoteCast,
)

MINUTES, AGENDA = DocumentKind.MINUTES, DocumentKind.AGENDA
NOON = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)


def site(subdomain: str = "alder.example") -> Site:
    return Site(
        subdomain=subdomain,
        name="Alder Falls",
        source="https://alder.example",
        fetcher="listing",
        state="OR",
        lat=44.5,
        lng=-123.25,
    )


def generation(
    number: int = 1,
    *,
    of: Site | None = None,
    kind: GenerationKind = GenerationKind.FULL,
    missing: Sequence[Missing] = (),
) -> GenerationInfo:
    return GenerationInfo(
        site=of or site(),
        generation=number,
        kind=kind,
        run=f"run-{number}",
        built_at=NOON,
        missing=missing,
    )


def document(
    *texts: str,
    name: str = "doc",
    kind: DocumentKind = MINUTES,
    body: str = "City Council",
    day: date = date(2024, 1, 9),
    ordinal: int = 1,
    extraction: Extraction | None = None,
    version: str = "1",
    subdomain: str = "alder.example",
    title: str = "",
    meeting: Meeting | None = None,
    date_estimated: bool = False,
    heading_date: date | None = None,
) -> CompiledDocument:
    """A read document with one page for each text."""
    pages = [
        CompiledPage(
            id=keys.page_id(subdomain, kind, name, number),
            number=number,
            text=text,
            page_image=keys.page_image(kind, body, day, ordinal, number, "jpeg"),
            state=PageState.READ,
            source=PageSource.TEXT_LAYER,
            engine="pdfium",
        )
        for number, text in enumerate(texts, 1)
    ]
    return CompiledDocument(
        id=keys.document_id(subdomain, kind, name),
        fingerprint=f"{name}/{version}",
        kind=kind,
        body=body,
        date=day,
        ordinal=ordinal,
        meeting=meeting or Meeting(ordinal, date_estimated=date_estimated),
        date_estimated=date_estimated,
        heading_date=heading_date,
        title=title,
        url=f"https://alder.example/{name}.pdf",
        sha256="ab" * 32,
        state=DocumentState.READ,
        reason="",
        pages_total=len(pages),
        pages=pages,
        extraction=extraction,
    )


def with_failed_page(whole: CompiledDocument, number: int, reason: str) -> CompiledDocument:
    """The same document with one page that could not be read."""
    pages = [
        replace(page, text="", state=PageState.FAILED, source=None, engine=None, reason=reason)
        if page.number == number
        else page
        for page in whole.pages
    ]
    return replace(whole, pages=pages)


def motion_carried(page: int = 1, *, mover: str = "Ann Alder", yes: int | None = 2) -> Extraction:
    """People, attendance, and one motion carried by two ayes against one nay, on `page`."""
    at = Span(page=page, start=0, end=5)
    names = [mover, "Bo Birch", "Cy Cedar"]
    casts = [
        VoteCast(name=name, option=option, span=at)
        for name, option in zip(names, ["yes", "yes", "no"], strict=True)
    ]
    return Extraction(
        extractor="rules 1",
        people=[
            Person(name=mover, aliases=["Councilor Alder"], role="Mayor", confidence=0.9),
            Person(name="Bo Birch", confidence=0.8),
            Person(name="Cy Cedar", confidence=0.7),
        ],
        mentions=[Mention(name=name, text=name, span=at) for name in names],
        attendance=[Attendance(name=name, status="present", span=at) for name in names],
        motions=[
            Motion(
                text="approve the budget",
                raw_text="Moved by Alder to approve the budget. Carried 2-1.",
                span=at,
                mover=mover,
                seconder="Bo Birch",
                vote=Vote(
                    result="passed",
                    span=at,
                    yes=yes,
                    no=1 if yes is not None else None,
                    method="roll_call",
                    casts=casts if yes is not None else (),
                ),
            )
        ],
        orgs=["Alder Water District"],
        locations=["Main Street"],
    )
