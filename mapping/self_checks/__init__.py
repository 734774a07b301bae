"""Self-checks: the predictions of the map before tours, the findings of these tours, and named causes of a difference.

Start in calibration (pure functions), then predicting and comparing."""
