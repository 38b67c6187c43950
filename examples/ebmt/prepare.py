"""Writes a home that holds one real registry: the EBMT transplant table `ebmt4`.

    python examples/ebmt/prepare.py HOME [--wheel FILE]
    atmp-rwe --home HOME run

What comes out is an ordinary delivery in the common extract format, its contract and a study
file: nothing in the project knows this table. The table is in the wheel of the package `pymsm`,
which is downloaded, checked against its hash and read, not installed (it pins old versions of
packages used here). Acknowledgement and disclaimer are in README.md beside this file.
"""

import argparse
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd

PACKAGE = "pymsm==0.1.7"
SHA256 = "1203effe745be716b420d9dc654cc90764e4244abf04bdac7a1bf61fadc3106d"
MEMBER = "pymsm/datasets/ebmt_wide.csv"

SOURCE = "ebmt"
# After the longest follow-up (17.2 years from mid-1987), so that nothing is cut off.
DELIVERY = date(2010, 1, 31)
# The table has days since transplant and the period of the transplant, no dates: every transplant
# of a period is put on one invented day within it.
INDEX_DATES = {"1985-1989": "1987-07-01", "1990-1994": "1992-07-01", "1995-1998": "1997-01-01"}
# Levels named so that their alphabetical order is that of age: the first is a model's reference.
AGE_CLASSES = {"<=20": "0-20", "20-40": "20-40", ">40": "over 40"}
COVARIATES = ("agecl", "proph", "match", "year")

CONTRACT = """\
source: ebmt
title: EBMT transplant registry, acute lymphoid leukaemia 1985-1998 (mstate's ebmt4)
format: common_extract
registers_from: infusion
"""

STUDY = """\
id: ebmt
title: Allogeneic transplantation in acute lymphoid leukaemia, EBMT 1985-1998
population: {sources: [ebmt], products: [allogeneic_hsct]}
analysis_set: infused
adjust_for: [covariate:agecl, covariate:proph, covariate:match, covariate:year]
endpoints: [overall_survival, progression_free_survival, relapse, non_relapse_mortality]
# 1, 2 and 5 years of 365.25 days, rounded down: days are whole, so the curves are the same there.
horizons_days: [365, 730, 1826]
estimand:
  intercurrent_events: {next_treatment: treatment_policy, death: composite}
  pre_specified: false
"""


def download(folder: Path) -> Path:
    """The wheel, from the package index pip is configured for; pip checks the hash."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--only-binary", ":all:", "--dest", str(folder), "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        reason = (done.stderr.strip() or "no wheel came").splitlines()[-1]
        raise SystemExit(
            f"pip could not download {PACKAGE} ({reason}): download its wheel elsewhere and give"
            " it with --wheel"
        )
    return wheels[0]


def read_table(wheel: Path) -> pd.DataFrame:
    """`ebmt_wide.csv` out of the wheel: 2,279 patients, days to each event and its status."""
    content = wheel.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{wheel.name} is not the wheel of {PACKAGE}: its sha256 differs")
    with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(MEMBER) as member:
        table = pd.read_csv(member, index_col=0)
    days = ["rec", "ae", "recae", "rel", "srv"]
    # Dates are whole days; the one patient followed for 0.03 days ends on day 0.
    table[days] = table[days].astype(int)
    return table


def extract(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The table as the common extract format has it: one frame a file."""
    patient = "EBMT-" + table["id"].astype(str).str.zfill(4)
    index = pd.to_datetime(table["year"].map(INDEX_DATES))
    end = index + pd.to_timedelta(table["srv"], unit="D")
    dead = table["srv.s"] == 1
    relapsed = table["rel.s"] == 1
    patients = pd.DataFrame(
        {
            "patient_id": patient,
            "sex": "U",
            "birth_year": "",
            "vital_status": dead.map({True: "dead", False: "alive"}),
            "death_date": end.where(dead),
            "last_contact_date": end,
        }
    )
    treatments = pd.DataFrame(
        {
            "treatment_id": patient + "-T1",
            "patient_id": patient,
            "product_code": "allogeneic_hsct",
            "indication_code": "acute_lymphoblastic_leukaemia",
            "infusion_date": index,
        }
    )
    events = pd.DataFrame(
        {
            "event_id": patient + "-R1",
            "patient_id": patient,
            "treatment_id": patient + "-T1",
            "event_type": "relapse",
            "event_date": index + pd.to_timedelta(table["rel"], unit="D"),
        }
    )[relapsed]
    values = table.assign(patient_id=patient, agecl=table["agecl"].map(AGE_CLASSES))
    covariates = values.assign(measured_date=index).melt(
        id_vars=["patient_id", "measured_date"], value_vars=list(COVARIATES), var_name="name"
    )
    return {
        "patients": patients,
        "treatments": treatments,
        "events": events,
        "covariates": covariates[["patient_id", "name", "value", "measured_date"]],
    }


def write_home(table: pd.DataFrame, home: Path) -> Path:
    """The delivery, its contract and the study under `home`. Returns the delivery's folder."""
    delivery = home / "landing" / SOURCE / DELIVERY.isoformat()
    for folder in (delivery, home / "contracts", home / "studies"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, frame in extract(table).items():
        frame.to_csv(delivery / f"{name}.csv", index=False, date_format="%Y-%m-%d")
    (home / "contracts" / f"{SOURCE}.yml").write_text(CONTRACT)
    (home / "studies" / f"{SOURCE}.yml").write_text(STUDY)
    return delivery


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a home with the EBMT registry table.")
    parser.add_argument("home", type=Path, metavar="HOME")
    parser.add_argument("--wheel", type=Path, help=f"the wheel of {PACKAGE}, if you have it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = read_table(options.wheel or download(Path(folder)))
    delivery = write_home(table, options.home)
    print(f"{len(table)} patients written to {delivery}")
    print(f"Now: atmp-rwe --home {options.home} run")


if __name__ == "__main__":
    main()
