"""Turn evidence into cell states and zones: one report at a time (fold) or everything (rebuild).

Start in fold. All writers of cell states hold the advisory lock FOLD. Meanwhile, the outbox may grow.
"""
