"""The audit log as coordinators and administrators read it."""
