"""Keys made of business columns: stable, and of two rows alike only when the rows are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb

from tests.lib.rendered_models import rendered

Parts = tuple[str | None, ...]
ALIKE_WHEN_JOINED: tuple[tuple[Parts, Parts], ...] = (
    (("a|b", "c"), ("a", "b|c")),
    (("~", "c"), (None, "c")),
    (("a", "~"), ("a", None)),
    (("a^pb", "c"), ("a|b", "c")),
    (("^t", "c"), ("~", "c")),
    (("a|~", None), ("a", "~|~")),
)


def keys(rows: Iterable[Parts]) -> list[str]:
    sql = rendered("select {{ surrogate_key(['first', 'last']) }} from rows order by place")
    con = duckdb.connect()
    con.execute("create table rows (place integer, first varchar, last varchar)")
    con.executemany("insert into rows values (?, ?, ?)", [(n, *r) for n, r in enumerate(rows)])
    return [key for (key,) in con.execute(sql).fetchall()]


def test_a_key_of_ordinary_values_is_the_hash_of_the_values_joined():
    """What earlier releases were keyed with: a key that moved would lose its row's history."""
    found = keys([("registry", "2025-01-01"), ("registry", None), ("CAR-T (1)", "C83.3 / é")])
    joined = ["registry|2025-01-01", "registry|~", "CAR-T (1)|C83.3 / é"]
    assert found == [
        hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in joined
    ]


def test_values_that_hold_the_marks_of_the_key_are_told_apart():
    for one, other in ALIKE_WHEN_JOINED:
        first, last = keys([one, other])
        assert first != last, (one, other)
