"""The quality-of-life blocks of a study, one an instrument.

Belongs here: which figures and tables a questionnaire gets, and in which order. Does not: the
figures' captions (quality_of_life_figures.py), scoring, means, drawing.
"""

from __future__ import annotations

import pandas as pd

from analyses.report import labels
from analyses.report.cohort_tables import completion_table, mean_table, plain_table
from analyses.report.context import StudyContext
from analyses.report.embedding import slug
from analyses.report.outcomes import Block
from analyses.report.quality_of_life_figures import headline_scales, quality_of_life_figures
from analyses.report.tables import Table, levels, where

# Tables of an instrument beside completion and means: the caption, and whether only its headline
# scales are shown (the released table has them all).
_FOLDED = {
    "item_completion": ("items left out of forms received", False),
    "quality_of_life_change": ("change from baseline", False),
    "quality_of_life_difference": ("differences between groups, mixed model", True),
    "quality_of_life_sensitivity": ("if scores are missing not at random", True),
    "quality_of_life_pattern": ("means by when answers ended", True),
    "quality_of_life_z_score": ("z-scores against the study's norms", False),
    "qaly": ("quality-adjusted life years", False),
}


def quality_of_life_blocks(context: StudyContext) -> list[Block]:
    """A block per instrument: figures, completion, and everything else folded away."""
    curves, completion = context.table("quality_of_life_curve"), context.table("completion")
    instruments = sorted(set(levels(curves, "instrument")) | set(levels(completion, "instrument")))
    blocks = []
    for instrument in instruments:
        curve = where(curves, instrument=instrument)
        forms = where(completion, instrument=instrument)
        title = labels.instrument(instrument)
        tables = (
            ()
            if forms.empty
            else (completion_table(forms, context.strata, f"{title}: completion"),)
        )
        folded = []
        if not curve.empty:
            folded.append(mean_table(curve, context.strata, f"{title}: mean scores"))
        folded += _folded(context, curve, instrument)
        blocks.append(
            Block(
                id=slug(f"{context.id}-{instrument}"),
                title=title,
                definition="",
                figures=tuple(quality_of_life_figures(context, curve, instrument)),
                tables=tables,
                warnings=tuple(context.warnings(f"quality_of_life:{instrument}")),
                folded=tuple(folded),
            )
        )
    return blocks


def _folded(context: StudyContext, curve: pd.DataFrame, instrument: str) -> list[Table]:
    headline = headline_scales(levels(curve, "scale"), instrument)
    found = []
    for name, (caption, only_headline) in _FOLDED.items():
        rows = where(context.table(name), instrument=instrument)
        if only_headline and not rows.empty:
            rows = rows[rows["scale"].isin(headline)]
        if rows.empty:
            continue
        if name == "item_completion":
            rows = rows[rows["item"].isna()].drop(columns="item")
        rows = rows.drop(columns=["instrument", "time_days"], errors="ignore")
        if "scale" in rows.columns:
            rows = rows.assign(
                scale=[labels.scale(scale, instrument) for scale in rows["scale"].astype(str)]
            )
        found.append(plain_table(rows, f"{labels.instrument(instrument)}: {caption}"))
    items = _single_items(where(context.table("item_completion"), instrument=instrument))
    if not items.empty:
        caption = "share of the forms received that answer each item"
        found.append(plain_table(items, f"{labels.instrument(instrument)}: {caption}"))
    return found


def _single_items(rows: pd.DataFrame) -> pd.DataFrame:
    """Shares answered, a row an item and a column a visit, in the order of the released table."""
    if rows.empty or rows["item"].isna().all():
        return pd.DataFrame()
    rows = rows[rows["item"].notna()]
    keys = ["respondent", "stratum", "item"]
    wide = rows[keys].drop_duplicates()
    for visit in rows["visit"].unique():
        there = rows[rows["visit"] == visit].rename(columns={"items_answered": visit})
        wide = wide.merge(there[[*keys, visit]], on=keys, how="left", validate="1:1")
    return wide
