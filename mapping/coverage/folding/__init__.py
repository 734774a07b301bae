"""Evidence becomes cell states and zones: one report after the other (fold), or everything at once (rebuild).

Start in fold. All writers of cell states hold the advisory lock FOLD. Meanwhile, the outbox may grow.
"""

FOLD = "mapping.fold"
