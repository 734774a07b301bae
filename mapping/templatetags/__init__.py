"""Template tags of the map's subjects.

Start in cold_plan_tags."""
