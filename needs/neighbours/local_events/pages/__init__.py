"""The views of events: lists near the reader, one event, its form, its stops, points on the map, and places of *Find
help now*."""
