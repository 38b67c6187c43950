"""Texts that look like a direct identifier by what they are: e-mail addresses, French national
numbers (NIR), telephone numbers, account numbers (IBAN).

Used on what no contract declares: undeclared columns, headers, file names. What only a whole
column gives away, such as names of persons, is in `identifying_columns`.
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
# Pairs of digits apart by one mark throughout, so that 01.02.2024 10:00 is none; also by blanks
# that do not break, after an area in brackets, or straight after "tel.".
_APART = " ./\u00a0\u202f-"
_PAIRS = "|".join(f"(?:[{mark}][0-9]{{2}}){{4}}" for mark in _APART)
_TELEPHONE = (
    rf"(?:(?:{_BEFORE}|[A-Za-z]\.)\(?0|{_BEFORE}0033[{_APART}]?"
    rf"|(?:^|[^0-9A-Za-z])\+33[{_APART}]?(?:\(0\))?[{_APART}]?)"
    rf"[1-9]\)?(?:[{_APART}]?[0-9]{{8}}|{_PAIRS}){_AFTER}"
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
_NUMBER, _ACCOUNT = (
    re.compile(_KINDS[kind][1]) for kind in ("national numbers", "account numbers")
)
_CANDIDATES = 2_000  # cells of an array whose check digits are looked at
_LONG_NUMBER = r"^[0-9]{13}$"
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
        alike = some.filter(pc.match_substring_regex(some, pattern)) if len(some) else some
        if len(alike) and _confirmed(kind, alike, some):
            return kind
    return None


def _confirmed(kind: str, alike: pa.Array, some: pa.Array) -> bool:
    """Whether cells of the right shape (`alike`, of `some`) also pass the check of their kind."""
    if kind == "account numbers":
        return any(_is_account(text) for text in alike[:_CANDIDATES].to_pylist())
    if kind != "national numbers":
        return True
    if any(_is_national_number(text) for text in alike[:_CANDIDATES].to_pylist()):
        return True
    # Without its key a number stands for itself, and one in three long numbers (the milliseconds of
    # a moment) has its shape: a column of such is not taken for one of national numbers.
    bare, long = (
        pc.sum(pc.match_substring_regex(cells, _LONG_NUMBER)).as_py() for cells in (alike, some)
    )
    return bool(bare and 2 * bare > long)


def _is_national_number(text: str) -> bool:
    """Whether a text has a NIR with the right key, or one without a key beside other words."""
    for found in _NUMBER.finditer(text):
        number = re.sub("[^0-9AB]", "", found[0].upper())
        body, key = number[:13], number[13:]
        if not key and len(re.sub("[ -]", "", text)) > len(body):
            return True
        for corsican, department in (("2A", "19"), ("2B", "18")):
            body = body.replace(corsican, department)
        if key and int(key) == 97 - int(body) % 97:
            return True
    return False


def _is_account(text: str) -> bool:
    """Whether a text has an IBAN with the right check digits (ISO 13616)."""
    for found in _ACCOUNT.finditer(text):
        number = re.sub("[^0-9A-Z]", "", found[0])
        digits = "".join(str(int(sign, 36)) for sign in number[4:] + number[:4])
        if int(digits) % 97 == 1:
            return True
    return False


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
