"""Questions that an association adds to the encounter form, in versions. Start with models.py and question_sets.py."""
