"""Streams of a PDF that do not decompress: pdfium draws of them what it can, be it nothing.

Part of the PDF child (`pdf_child`): imports the standard library only.
"""

import mmap
import re
import zlib

MAX_STREAMS = 20_000
MAX_DECODED = 64_000_000  # bytes looked at of one file; a page's own stream is some thousand
PIECE = 65_536
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_DICTIONARY = 800  # bytes before a stream in which its dictionary begins
# Deflate alone: what stands in a chain of filters is rare, and pictures are looked at elsewhere.
_DEFLATED = re.compile(rb"/Filter\s*(?:\[\s*)?/Fl(?:ateDecode)?\s*(?:\]|/|>)")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")


def any_damaged(data: mmap.mmap) -> bool:
    """Whether some stream of the file, pictures aside, does not decompress to its end.

    The file must not be encrypted. Of a huge one only the beginning is looked at.
    """
    left = MAX_DECODED
    for count, match in enumerate(_STREAM.finditer(data)):
        if count == MAX_STREAMS or left <= 0:
            return False
        before = data[max(0, match.start() - _DICTIONARY) : match.start()]
        dictionary = before[before.rfind(b"obj") + 1 :]
        if _DEFLATED.search(dictionary) and not _PICTURE.search(dictionary):
            decoded = _decoded(data, match.end(), left)
            if decoded is None:
                return True
            left -= decoded
    return False


def _decoded(data: mmap.mmap, start: int, limit: int) -> int | None:
    """Bytes that a stream decompresses to, up to a limit; None: it does not."""
    stream, total = zlib.decompressobj(), 0
    try:
        while not stream.eof and total < limit:
            piece = stream.unconsumed_tail or data[start : start + PIECE]
            if not piece:
                return None
            if not stream.unconsumed_tail:
                start += len(piece)
            total += len(stream.decompress(piece, PIECE * 16))
    except zlib.error as error:
        # pdfium does not look at the checksum either.
        return total if "check" in str(error) else None
    return total
