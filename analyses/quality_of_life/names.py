"""Names as people write them, reduced to what tells them apart.

`Q_01`, `q01` and ` Q01 ` are one name, so are `EQ-5D-5L` and `eq5d5l`. Which names stand for which
item is in each instrument's file; nothing here knows an instrument.
"""

from __future__ import annotations

import unicodedata


def normalise(name: str) -> str:
    """The letters and digits of a name, lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in decomposed if character.isalnum())
