"""Rates at which citizens report people who are present, by quarter. Where citizens usually report, their silence is
evidence.

rate_estimates computes the rates. nightly_rates stores them each night as a new version and puts this version in force.
docs/adr/0033 gives the reasons."""
