"""Files to download: zone reports and rows of reports, made by a worker.

Start with export_jobs.py."""
