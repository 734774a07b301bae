"""The model benchmark: the production model on simulated cities with known truth, without a database, compared with
baselines (docs/benchmarks.md). Start in benchmark_run.py; ``manage.py benchmark_model`` runs it."""
