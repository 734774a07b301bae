"""Forms, API and filing of encounters and needs. Start with declarations.py (the fields), then intake.py (filing)."""
