"""Items left out of the forms that were received, which is not the same as no form.

Counts of the forms chosen for a visit; forms that never came are `completion`.
"""

from __future__ import annotations

import pandas as pd

from analyses.quality_of_life.at_visits import AtVisits


def item_completion(one: AtVisits) -> pd.DataFrame:
    """By respondent, stratum and visit, of the forms received with an answer.

    Columns: respondent, stratum, visit, n_forms, n_complete (every item answered), n_scored (every
    scale has a score; a utility outside its ages counts as none), items_answered (mean share).
    """
    forms = one.forms
    if forms.empty:
        return pd.DataFrame()
    n_items = forms["n_items"].astype(float)
    share = (forms["n_items_answered"] / n_items).clip(upper=1.0)
    cells = one.grid.loc[forms["cell"], ["stratum"]].reset_index(drop=True)
    rows = cells.assign(
        respondent=forms["respondent"].to_numpy(),
        visit=one.grid.loc[forms["cell"], "visit"].to_numpy(),
        n_forms=1,
        n_complete=(share >= 1).to_numpy(),
        n_scored=(forms["n_scales"] >= len(one.instrument.scales)).to_numpy(),
        items_answered=share.to_numpy(),
    )
    keys = ["respondent", "stratum", "visit"]
    place = {name: number for number, name in enumerate(one.grid["visit"].unique())}
    table = (
        rows.groupby(keys, sort=False)
        .agg(
            n_forms=("n_forms", "sum"),
            n_complete=("n_complete", "sum"),
            n_scored=("n_scored", "sum"),
            items_answered=("items_answered", "mean"),
        )
        .reset_index()
    )
    order = table.assign(place=table["visit"].map(place), proxy=table["respondent"] != "self")
    order = order.sort_values(["proxy", "respondent", "stratum", "place"])
    return table.loc[order.index].reset_index(drop=True)
