"""The model benchmark: simulated cities with known truth, the production model without a database, baselines
(docs/benchmarks.md). Start in benchmark_run.py; ``manage.py benchmark_model`` runs it."""
