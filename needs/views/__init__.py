"""Pages of the field: guard, form, one verb, respond."""
