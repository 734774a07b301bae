"""Evidence becomes cell states and zones: one report after the other (fold), or everything at once (rebuild).

Start in fold. All writers of cell states hold locks of region_locks: a fold the locks of its regions, a recompute FOLD
alone. Meanwhile, the outbox may grow.
"""

FOLD = "mapping.fold"
