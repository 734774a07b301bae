"""Public feeds of a running event as CSV, GeoJSON and RSS: sums by commune and category, with the same delay as the
public map."""
