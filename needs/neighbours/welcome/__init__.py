"""The first hour of a volunteer: three questions after sign-up, and the next step. Start in ``first_steps``."""
