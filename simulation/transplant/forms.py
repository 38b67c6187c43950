"""The reporting periods of a member, and what each form tells of its episodes.

An episode is told by the first form after its onset, and told again, as previously reported, by
some of the later ones. Clean: dirt is planted in `dirt.py`, cells are made in `sheets.py`.
"""

import numpy as np
import pandas as pd

from simulation.streams import stream

PERIODS = ("D100", "M6", *(f"Y{year}" for year in range(1, 10)))
_NOMINAL = np.array([100, 182, *(round(365.25 * year) for year in range(1, 10))])
_AGAIN = (0.7, 0.4)
"""Chance that the next form, and the one after, tell an episode again."""
SLOTS = {"infection": 2}
"""Places a form has for a kind; one where none is given."""


def reports(known: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One row a form: registry_id, member (row of `known`), period, report_date, last.

    A form at each period reached before the end of follow-up, and one at that end.
    """
    size, periods = len(known), len(PERIODS)
    rng = stream(seed, "transplant.visits")
    number = known["treatment_number"].to_numpy()
    # Drawn per number, so that a patient's visits are the same in every delivery.
    days = _NOMINAL[None, :] + rng.integers(-6, 13, (int(number.max()) + 1, periods))[number]
    start = known["infusion_date"].to_numpy().astype("datetime64[D]")
    end = known["follow_up_end"].to_numpy().astype("datetime64[D]")
    visits = start[:, None] + days.astype("timedelta64[D]")
    made = visits < end[:, None]
    made[:, -1] = False
    member, period = np.nonzero(made)
    regular = pd.DataFrame(
        {"member": member, "period": period, "report_date": visits[made], "last": False}
    )
    final = pd.DataFrame(
        {"member": np.arange(size), "period": made.sum(axis=1), "report_date": end, "last": True}
    )
    out = pd.concat([regular, final]).sort_values(
        ["member", "period"], kind="stable", ignore_index=True
    )
    return out.assign(registry_id=known["registry_id"].to_numpy()[out["member"]])


def tellings(
    forms: pd.DataFrame, episodes: pd.DataFrame, seed: int, purpose: str = "transplant.tellings"
) -> pd.DataFrame:
    """One row an episode and form that tells it; `purpose` names the stream of its draws.

    Columns: episode (row of `episodes`), form (row of `forms`), kind, slot, again (previously
    reported), told_onset (NaT where the form does not repeat it), told_grade, told_resolution.
    """
    known = forms.groupby("registry_id")["report_date"].max()
    end = episodes["registry_id"].map(known)
    told = episodes[end.notna() & (episodes["onset_date"] <= end)]
    told = told.assign(episode=told.index)
    first = forms.assign(form=forms.index).sort_values("report_date", kind="stable")
    told = pd.merge_asof(
        told.sort_values("onset_date", kind="stable"),
        first[["registry_id", "report_date", "form"]],
        left_on="onset_date",
        right_on="report_date",
        by="registry_id",
        direction="forward",
    )
    draws = stream(seed, purpose).random((max(len(episodes), 1), 4))
    parts = [told.assign(again=False, draw=0.0)]
    for step, chance in enumerate(_AGAIN, start=1):
        form = told["form"] + step
        same = forms["registry_id"].reindex(form).to_numpy() == told["registry_id"].to_numpy()
        kept = same & (draws[told["episode"], step - 1] < chance)
        later = told[kept].assign(form=form[kept], again=True)
        parts.append(later.assign(draw=draws[later["episode"], step + 1]))
    out = pd.concat(parts, ignore_index=True)
    out["report_date"] = forms["report_date"].reindex(out["form"]).to_numpy()
    return _in_slots(out)


def _in_slots(told: pd.DataFrame) -> pd.DataFrame:
    """As many episodes of a kind as a form has places for, new ones first; and what it says."""
    order = ["form", "kind", "again", "onset_date"]
    told = told.sort_values(order, ascending=[True, True, True, False], kind="stable")
    told["slot"] = told.groupby(["form", "kind"]).cumcount()
    room = told["kind"].map(SLOTS).fillna(1)
    # An episode whose first form had no place for it is never told.
    lost = told.loc[~told["again"] & (told["slot"] >= room), "episode"]
    told = told[(told["slot"] < room) & ~told["episode"].isin(lost)].copy()
    # A form that tells an earlier episode again says which: it repeats the onset.
    latest = told.groupby(["registry_id", "kind"])["onset_date"].transform("max")
    bare = told["again"] & (told["draw"] < 0.4) & (told["onset_date"] == latest)
    over = told["resolution_date"] <= told["report_date"]
    told["told_onset"] = told["onset_date"].mask(bare)
    told["told_resolution"] = told["resolution_date"].where(over)
    told["told_grade"] = told["grade"].where(told["again"], told["first_grade"])
    return told.sort_values(["form", "kind", "slot"], kind="stable", ignore_index=True)


def readable(told: pd.DataFrame, unread: np.ndarray) -> pd.DataFrame:
    """The tellings but those of forms that are refused; an episode whose first form is refused is
    never told."""
    refused = told["form"].isin(unread)
    lost = told.loc[refused & ~told["again"], "episode"]
    return told[~refused & ~told["episode"].isin(lost)]
