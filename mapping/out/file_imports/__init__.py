"""Imports of uploaded tables: upload, mapping, dry run, run by a worker, undo.

Start with import_jobs.py; ``needs.reports.importers`` does the reading."""
