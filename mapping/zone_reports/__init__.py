"""The zone report: what a coordinator takes out of the platform for one territory and one period."""
