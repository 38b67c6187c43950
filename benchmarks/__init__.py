"""Measurements by hand: no test, and nothing the packages import."""
