"""Ranges of answers per instrument, shared by the suites that hold questionnaires item by item.

Here: conditions over the columns instrument, item and answer. Not here: scoring (`analyses`).
Item keys and levels: EQ-5D-5L dimensions have five levels, the VAS runs to 100; QLQ-C30 items
1-28 have four, 29 and 30 seven; PedsQL 4.0 items run from 0 to 4.
"""

from expectations.spec import CheckSpec
from expectations.vocabulary import (
    holds,
    number,
)

COLUMNS = ("instrument", "item", "answer")
ANSWER = number("nullif(trim(CAST(answer AS VARCHAR)), '')")
GIVEN = "nullif(trim(CAST(answer AS VARCHAR)), '') IS NOT NULL"
INSTRUMENT = "lower(trim(CAST(instrument AS VARCHAR)))"
ITEM = "lower(trim(CAST(item AS VARCHAR)))"
DIMENSIONS = "('mo', 'sc', 'ua', 'pd', 'ad')"


def _levels(applies: str, allowed: str) -> str:
    """True where an answer is an allowed level, false where it is another or no number."""
    return f"CASE WHEN {GIVEN} AND {applies} THEN coalesce({allowed}, false) END"


def _whole(low: int, high: int) -> str:
    return f"{ANSWER} BETWEEN {low} AND {high} AND {ANSWER} = floor({ANSWER})"


EQ5D = _levels(f"{INSTRUMENT} = 'eq-5d-5l' AND {ITEM} IN {DIMENSIONS}", _whole(1, 5))
VAS = _levels(f"{INSTRUMENT} = 'eq-5d-5l' AND {ITEM} = 'vas'", f"{ANSWER} BETWEEN 0 AND 100")
QLQ = _levels(
    f"{INSTRUMENT} = 'qlq-c30' AND {ITEM} NOT IN ('q29', 'q30')",
    _whole(1, 4),
)
QLQ_GLOBAL = _levels(f"{INSTRUMENT} = 'qlq-c30' AND {ITEM} IN ('q29', 'q30')", _whole(1, 7))
PEDSQL = _levels(f"{INSTRUMENT} LIKE 'pedsql%'", _whole(0, 4))

RANGES = (
    ("eq5d_levels", EQ5D, "EQ-5D-5L dimensions are answered 1 to 5"),
    ("eq_vas_range", VAS, "The EQ visual analogue scale runs from 0 to 100"),
    ("qlq_c30_levels", QLQ, "QLQ-C30 items 1 to 28 are answered 1 to 4"),
    ("qlq_c30_global_levels", QLQ_GLOBAL, "QLQ-C30 items 29 and 30 are answered 1 to 7"),
    ("pedsql_levels", PEDSQL, "PedsQL items are answered 0 to 4"),
)


def answer_ranges() -> tuple[CheckSpec, ...]:
    """For each range a WARN on strays and an ERROR on what can only be another coding."""
    stray = tuple(
        holds(
            name,
            COLUMNS,
            condition,
            f"{sentence}; any other answer counts as missing.",
            mostly=0.99,
            category="conformance",
        )
        for name, condition, sentence in RANGES
    )
    bulk = tuple(
        holds(
            f"{name}_in_bulk",
            COLUMNS,
            condition,
            f"{sentence}; when more than a twentieth are not, the answers are coded otherwise "
            "(from 0, or reversed), and every score is wrong.",
            mostly=0.95,
            severity="ERROR",
            category="conformance",
        )
        for name, condition, sentence in RANGES
    )
    return (*stray, *bulk)
