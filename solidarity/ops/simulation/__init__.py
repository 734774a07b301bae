"""A made-up city with known truth: people in the street, tours that look for them, citizens, noise.

Start at ``simulate``: numbers in, numpy arrays out, no database (docs/benchmarks.md, "Method"). The demonstration and the model
benchmark use it.
"""
