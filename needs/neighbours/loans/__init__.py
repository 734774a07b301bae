"""Loans of items, from the request to the return. Start in loan_steps.py; the model is in lending/loan_models.py."""
