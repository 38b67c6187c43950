"""Studies of a release as CDISC ADaM datasets: ADSL, ADTTE, ADQS.

One module a dataset; `variables.csv` is their labels, and `parameters.py` the codes of endpoints
and scales.
"""
