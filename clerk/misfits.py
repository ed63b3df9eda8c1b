"""What pydantic says of a value that does not fit -> what to write instead, in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "int_type": "write a whole number, like 5",
        "int_parsing": "write a whole number, like 5",
        "int_from_float": "write a whole number, like 5",
        "float_type": "write a number, like 2.5",
        "float_parsing": "write a number, like 2.5",
        "bool_type": "write true or false",
        "bool_parsing": "write true or false",
        "string_type": "write words; a number or true in quotes",
        "list_type": "write a list, like [a, b]",
        "tuple_type": "write a list, like [a, b]",
        "dict_type": "write pairs, like {{a: b}}",
        "literal_error": "write {expected}",
        "greater_than": "write more than {gt}",
        "greater_than_equal": "write {ge} or more",
        "less_than": "write less than {lt}",
        "less_than_equal": "write {le} or less",
        "too_long": "write {max_length} at most",
        "string_too_long": "write at most {max_length} characters",
        "string_too_short": "write at least {min_length} characters",
        "path_type": "write the path of a file or folder",
    }
)


def in_words(item: Mapping[str, Any]) -> str:
    """What one of `ValidationError.errors()` asks for, in pydantic's words where we have none."""
    words = _WORDS.get(item["type"])
    if words is None:
        return str(item["msg"]).removeprefix("Value error, ")
    return words.format_map(item.get("ctx", {}))
