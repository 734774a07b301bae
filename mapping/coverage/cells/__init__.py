"""The coverage model: evidence, cell states and zones.

Start in coverage_model (the formulas) and folding.fold (how a report reaches the map)."""
