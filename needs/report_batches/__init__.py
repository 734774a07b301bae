"""The address of the API for filing many reports at once.

The verb is needs.reports.intake.file_all, which the phone queue calls, too. The figures are in
docs/adr/0039-report-batches.md.
"""
