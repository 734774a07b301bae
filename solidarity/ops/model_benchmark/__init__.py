"""The zone benchmark of zones.md: simulated cities with known truth, the project's own fold and posterior, baselines.

Nothing here needs the database. ``manage.py benchmark_model`` runs it; docs/benchmark.md describes it.
"""
