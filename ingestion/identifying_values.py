"""Texts that look like a direct identifier by what they are: e-mail addresses, French national
numbers (NIR), telephone numbers, account numbers (IBAN).

Used on what no contract declares: undeclared columns, headers, file names. Names of persons have
no pattern: those are known by the header of their column (`identifiers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import pyarrow as pa
import pyarrow.compute as pc

# Not within a longer word or number: an identifier of 20 digits is no NIR.
_BEFORE, _AFTER = r"(?:^|[^0-9A-Za-z.,+-])", r"(?:$|[^0-9A-Za-z])"
_NIR = (
    r"[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2])"
    r" ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3}(?:[ -]?[0-9]{2})?"
)
_TELEPHONE = (
    rf"(?:{_BEFORE}0|{_BEFORE}0033 ?|(?:^|[^0-9A-Za-z])\+33 ?(?:\(0\))? ?)"
    rf"[1-9](?:[ .-]?[0-9]{{2}}){{4}}{_AFTER}"
)
_IBAN = rf"{_BEFORE}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{3,7}}(?: ?[A-Z0-9]{{1,3}})?{_AFTER}"
# Kind: the length of the shortest, and the pattern.
_KINDS = {
    "e-mail addresses": (6, r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}"),
    "national numbers": (13, f"{_BEFORE}{_NIR}{_AFTER}"),
    "telephone numbers": (10, _TELEPHONE),
    "account numbers": (15, _IBAN),
}
_SHORTEST = min(shortest for shortest, _ in _KINDS.values())
_ANY = re.compile("|".join(f"(?:{pattern})" for _, pattern in _KINDS.values()))
_MAIL = re.compile(_KINDS["e-mail addresses"][1])
HIDDEN = "hidden"


def what_identifies(cells: pa.Array) -> str | None:
    """The kind of identifier that a cell of the array looks like; None when none does."""
    longer = cells.filter(pc.greater_equal(pc.binary_length(cells), _SHORTEST))
    if not len(longer):
        return None
    for kind, (shortest, pattern) in _KINDS.items():
        some = longer.filter(pc.greater_equal(pc.binary_length(longer), shortest))
        if kind == "e-mail addresses":
            some = some.filter(pc.match_substring(some, "@"))
        if len(some) and pc.any(pc.match_substring_regex(some, pattern)).as_py():
            return kind
    return None


def identifies(text: str) -> bool:
    """Whether a header or a name holds what looks like an identifier of a person."""
    return bool(_ANY.search(text.replace("_", " ")))


def shown_names(names: Iterable[str]) -> dict[str, str]:
    """File names as they may be shown and kept: what identifies in them is hidden, and a number
    tells files of one name apart."""
    shown: dict[str, str] = {}
    for name in names:
        plain = name
        if identifies(name):
            plain = _hide(_MAIL.sub(HIDDEN, name))
        path, number = PurePosixPath(plain), 1
        while plain in shown.values() and plain != name:
            number += 1
            plain = str(
                path.with_name(f"{path.name.split('.', 1)[0]}-{number}{_ending(path.name)}")
            )
        shown[name] = plain
    return shown


def _hide(name: str) -> str:
    parts, last = [], 0
    spaced = name.replace("_", " ")  # what stands between underscores stands for itself
    for found in _ANY.finditer(spaced):
        start, end = found.span()
        start += not spaced[start].isalnum() and spaced[start] != "+"
        end -= not spaced[end - 1].isalnum()
        parts += [name[last:start], HIDDEN]
        last = end
    return "".join([*parts, name[last:]])


def _ending(name: str) -> str:
    return "." + name.split(".", 1)[1] if "." in name else ""
