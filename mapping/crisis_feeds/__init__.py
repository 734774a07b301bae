"""Public feeds of a running event as CSV, GeoJSON and RSS: sums by commune and category, as late as the public map."""
