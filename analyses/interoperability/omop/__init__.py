"""The marts as OMOP CDM 5.4.

One file of `tables/` is one table of the model; `fields.csv` is the model's own list of columns and
`constants.csv` the concepts that its conventions fix.
"""
