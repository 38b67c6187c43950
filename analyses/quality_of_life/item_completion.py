"""Items left out of the forms that were received, which is not the same as no form.

Counts of the forms chosen for a visit; forms that never came are `completion`.
"""

from __future__ import annotations

import pandas as pd

from analyses.quality_of_life.at_visits import AtVisits
from analyses.quality_of_life.registry import instruments

_KEYS = ["respondent", "stratum", "visit"]


def item_completion(one: AtVisits) -> pd.DataFrame:
    """By respondent, stratum and visit, of the forms received with an answer.

    Columns: respondent, stratum, visit, item, n_forms, n_complete, n_scored, items_answered. The
    row without an item is the form: n_complete have every item answered, n_scored a score of every
    scale (a utility outside its ages counts as none), items_answered is the mean share. Each other
    row is one item, in the order of the instrument: n_forms that ask it, n_complete with an answer
    to score and their share; n_scored is empty. Without `AtVisits.unanswered` there are no such
    rows.
    """
    if one.forms.empty:
        return pd.DataFrame()
    at = one.grid.loc[one.forms["cell"], ["stratum", "visit"]].reset_index(drop=True)
    forms = one.forms.assign(stratum=at["stratum"], visit=at["visit"])
    n_items = {name: len(instrument.items) for name, instrument in instruments().items()}
    share = forms["n_items_answered"] / forms["written_as"].map(n_items)
    whole = forms.assign(
        is_complete=share >= 1,
        is_scored=forms["n_scales"] >= len(one.instrument.scales),
        share=share,
    )
    table = (
        whole.groupby(_KEYS, sort=False)
        .agg(
            n_forms=("cell", "size"),
            n_complete=("is_complete", "sum"),
            n_scored=("is_scored", "sum"),
            items_answered=("share", "mean"),
        )
        .reset_index()
        .assign(item=None, place=-1)
    )
    table = pd.concat([table, _of_items(one, forms)], ignore_index=True)
    visits = {name: number for number, name in enumerate(one.grid["visit"].unique())}
    order = table.assign(at=table["visit"].map(visits), proxy=table["respondent"] != "self")
    order = order.sort_values(["proxy", "respondent", "stratum", "at", "place"])
    table = table.loc[order.index].drop(columns="place").reset_index(drop=True)
    return table.astype({"n_scored": "Int64"})


def _of_items(one: AtVisits, forms: pd.DataFrame) -> pd.DataFrame:
    """A row an item; `forms` are those of `one` with stratum and visit."""
    if one.unanswered is None:
        return pd.DataFrame()
    asked = pd.DataFrame(
        [
            (name, item, place)
            for name in forms["written_as"].unique()
            for place, item in enumerate(instruments()[name].items)
        ],
        columns=["written_as", "item", "place"],
    )
    each = forms[["cell", *_KEYS, "written_as"]].merge(asked, on="written_as")
    blank = one.unanswered.assign(is_blank=True)
    each = each.merge(blank, on=["cell", "respondent", "item"], how="left", validate="m:1")
    each = each.assign(is_answered=each["is_blank"].isna())
    table = (
        each.groupby([*_KEYS, "item"], sort=False)
        .agg(n_forms=("cell", "size"), n_complete=("is_answered", "sum"), place=("place", "min"))
        .reset_index()
    )
    return table.assign(items_answered=table["n_complete"] / table["n_forms"])
