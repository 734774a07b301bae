"""Questions that an association adds to the encounter form, in versions.

Start with models.py, then question_sets.py."""
