"""Self-checks: the predictions of the map before tours, what these tours find, and possible causes of a difference.

Start in calibration (pure functions), then predicting and comparing."""
