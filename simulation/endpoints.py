"""The endpoints that true lives amount to: what a perfect reader of a delivery must find.

Belongs here: the definitions, told once more and independently of the pipeline's seeds, and the
long table of the truth. Does not: what happened to whom, which each source knows.
"""

import datetime as dt

import numpy as np
import pandas as pd

COLUMNS = [
    "key", "analysis_set", "endpoint", "days", "event", "cause", "reason", "entry_days",
    "date_imputed",
]  # fmt: skip
_DEATH = ("death", False)
#: What ends each endpoint, in the order that decides on one day: (kind of event, own event).
DEFINITIONS: dict[str, tuple[tuple[str, bool], ...]] = {
    "overall_survival": (("death", True),),
    "progression_free_survival": (("progression", True), ("death", True)),
    "event_free_survival": (("progression", True), ("next_treatment", True), ("death", True)),
    "relapse": (("progression", True), _DEATH),
    "non_relapse_mortality": (("progression", False), ("death", True)),
    "death_by_cause": (("death", True),),
    "time_to_response": (("response", True), ("progression", False), _DEATH),
    "duration_of_response": (("progression", True), ("death", True)),
    "time_to_next_treatment": (("next_treatment", True), _DEATH),
    "crs_any": (("crs", True), _DEATH),
    "crs_grade_3": (("crs_grade_3", True), _DEATH),
    "icans_any": (("icans", True), _DEATH),
    "icans_grade_3": (("icans_grade_3", True), _DEATH),
    "infection": (("infection", True), _DEATH),
    "prolonged_cytopenia": (("prolonged_cytopenia", True), _DEATH),
    "second_malignancy": (
        ("second_malignancy", True),
        ("t_cell_malignancy", True),
        _DEATH,
    ),
    "transfusion_independence": (("transfusion_independence", True), _DEATH),
    "ventilation_free_survival": (("permanent_ventilation", True), ("death", True)),
    "motor_milestone_sitting": (("motor_milestone_sitting", True), _DEATH),
    "motor_milestone_walking": (("motor_milestone_walking", True), _DEATH),
    "motor_function_improvement": (("motor_function_improvement", True), _DEATH),
    "first_bleed": (("bleed", True), _DEATH),
    "b_cell_aplasia_recovery": (("b_cell_recovery", True), _DEATH),
    "icu_admission": (("icu_admission", True), _DEATH),
    "t_cell_malignancy": (("t_cell_malignancy", True), _DEATH),
    "acute_gvhd": (("acute_gvhd", True), _DEATH),
    "chronic_gvhd": (("chronic_gvhd", True), _DEATH),
    "visual_function_improvement": (("visual_function_improvement", True), _DEATH),
}
#: Events that are of the start itself when they fall on its day, and so do not count.
_AFTER_THE_START = {
    "next_treatment", "response", "bleed", "motor_function_improvement", "b_cell_recovery",
    "visual_function_improvement",
}  # fmt: skip
#: The name of a cause where an endpoint has no competing event; else the endpoint itself.
_RELAPSE_AS_COMPETING = {"non_relapse_mortality": "relapse"}


def dates(kind: str, key: pd.Series, days: pd.Series) -> pd.DataFrame:
    """The events of one kind, of those who have a day: key, kind, date."""
    table = pd.DataFrame({"key": key.to_numpy(), "kind": kind, "date": days.to_numpy()})
    return table[table["date"].notna()]


def told_elsewhere(told: pd.DataFrame, key: pd.Series, number: pd.Series) -> pd.DataFrame:
    """The events that other sources tell of the same persons: key, kind, date.

    told: national_number, kind, date, of persons a linkage finds. key and number: of one source.
    """
    here = pd.DataFrame({"key": key.to_numpy(), "national_number": number.to_numpy()})
    return told.merge(here, on="national_number")[["key", "kind", "date"]]


def graded(kind: str, key: pd.Series, days: pd.Series, grade: pd.Series) -> pd.DataFrame:
    """The events of a graded toxicity, told once more where the grade is 3 or more."""
    severe = pd.to_numeric(grade).to_numpy() >= 3
    return pd.concat([dates(kind, key, days), dates(f"{kind}_grade_3", key[severe], days[severe])])


def true_endpoints(
    lives: pd.DataFrame,
    events: pd.DataFrame,
    starts: dict[str, pd.Series],
    endpoints: tuple[str, ...],
    delivery: dt.date,
) -> pd.DataFrame:
    """One row a key, analysis set and endpoint, with COLUMNS, of those who have the start.

    lives: key (unique), registration_date, death_date, death_undated (no source tells the day),
    death_cause, follow_up_end (the death or the last contact). events: key, kind, date, any number
    of each. starts: analysis set -> day, as rows of `lives`.
    cause is empty for the censored, and for an endpoint without competing events the kind of
    event; reason is empty for all others. entry_days: from the start to a later registration, else
    0. date_imputed: ended by a death without a date. duration_of_response is of responders only.
    """
    deaths = dates("death", lives["key"], lives["death_date"])
    told = pd.concat([events[["key", "kind", "date"]], deaths], ignore_index=True)
    parts = []
    for analysis_set, start in starts.items():
        began = lives.assign(start=pd.to_datetime(start).to_numpy())
        began = began[began["start"].notna()]
        for endpoint in endpoints:
            of = began
            if endpoint == "duration_of_response":
                of = _responders(began, told)
            parts.append(_ended(of, told, endpoint, delivery).assign(analysis_set=analysis_set))
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _responders(began: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """Those whose response comes first, their clock moved to it."""
    first = _first(began, told, "time_to_response")
    found = began.assign(date=first["date"], kind=first["kind"])
    found = found[found["kind"] == "response"]
    return found.assign(start=found["date"]).drop(columns=["date", "kind"])


def _first(began: pd.DataFrame, told: pd.DataFrame, endpoint: str) -> pd.DataFrame:
    """The kind and the date of what ended each row of `began`, NaT where nothing did."""
    order = {kind: place for place, (kind, _) in enumerate(DEFINITIONS[endpoint])}
    mine = told[told["kind"].isin(order)].merge(began[["key", "start"]], on="key")
    late = mine["kind"].isin(_AFTER_THE_START)
    counts = (mine["date"] > mine["start"]) | (~late & (mine["date"] == mine["start"]))
    mine = mine[counts | (mine["kind"] == "death")].assign(place=mine["kind"].map(order))
    mine = mine.sort_values(["key", "date", "place"], kind="stable").drop_duplicates("key")
    return mine.set_index("key")[["kind", "date"]].reindex(began["key"]).set_axis(began.index)


def _ended(
    began: pd.DataFrame, told: pd.DataFrame, endpoint: str, delivery: dt.date
) -> pd.DataFrame:
    first = _first(began, told, endpoint)
    own = {kind for kind, is_own in DEFINITIONS[endpoint] if is_own}
    competing = len(own) < len(DEFINITIONS[endpoint])
    happened = first["date"].notna()
    cause = first["kind"].where(happened, "").astype(object)
    if endpoint == "death_by_cause":
        cause = began["death_cause"].where(happened, "")
    elif competing:
        cause = cause.mask(cause.isin(own), endpoint)
        cause = cause.replace("progression", _RELAPSE_AS_COMPETING.get(endpoint, "progression"))
    end = first["date"].fillna(began["follow_up_end"])
    known = began["follow_up_end"] < pd.Timestamp(delivery)
    return pd.DataFrame(
        {
            "key": began["key"],
            "endpoint": endpoint,
            "days": (end - began["start"]).dt.days,
            "event": first["kind"].isin(own).astype(int),
            "cause": cause,
            "reason": np.where(happened, "", np.where(known, "last_contact", "administrative")),
            "entry_days": (pd.to_datetime(began["registration_date"]) - began["start"])
            .dt.days.clip(lower=0)
            .astype(int),
            "date_imputed": began["death_undated"].astype(bool) & (first["kind"] == "death"),
        }
    )
