"""Import of reports from files of other systems.

Start with ``import_run``; ``profile`` describes the format of one system.
"""
