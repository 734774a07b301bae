"""Filing many reports at once, with the rules of single filing: the verb, and the address of the API.

Start at batch_filing.file_all; the phone queue and the API call it. The figures are in docs/adr/0039-report-batches.md.
"""
