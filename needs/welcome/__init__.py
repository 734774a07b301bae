"""The first hour of a volunteer: three questions after sign-up, and what happens next. Start in ``first_steps``."""
