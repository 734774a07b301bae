"""The model benchmark: simulated cities with known truth, the production fold and posterior, baselines.

Start at ``benchmark_run``, which ``manage.py benchmark_model`` calls without a database (docs/benchmarks.md).
"""
