"""What people see of events: lists near them, one event, its form, its stops, points on the map, and places of *Find help
now*."""
