"""The records that all wings share: encounters, needs, aid, citizens' reports, tours; the declaration of their fields."""
