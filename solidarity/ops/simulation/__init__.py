"""A made-up city with known truth: people in the street, tours that look for them, citizens, noise.

zones.md, "Benchmark", describes it. The demonstration takes its story from it, the zone benchmark its truth. It knows
nothing of the database: numbers in, numpy arrays out.
"""
