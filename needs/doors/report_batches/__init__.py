"""The address of the API for filing many reports at once.

It calls needs.reports.intake.file_all, as the phone queue does. The figures are in
docs/adr/0039-report-batches.md.
"""
