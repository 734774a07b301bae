"""Self-checks: what the map predicts before tours, what tours then find, and named causes of a difference.

Start in calibration (pure functions), then predicting and comparing."""
