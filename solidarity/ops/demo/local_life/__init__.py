"""The local life of the demonstration: meals, rounds and meetings, groups, and cases for moderators."""
