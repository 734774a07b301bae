"""How often citizens report the people who are present, by quarter: their silence is evidence where they usually report.

rate_estimates computes the rates, nightly_rates stores a version of them each night and puts it in force.
docs/adr/0033 gives the reasons."""
