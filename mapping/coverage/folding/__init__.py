"""Cell state and zones from evidence: one report at a time, or everything (architecture.md, "The way of a report").

All writers of cell state hold the advisory lock FOLD, so that there is one at a time; the outbox may be appended to
meanwhile.
"""
