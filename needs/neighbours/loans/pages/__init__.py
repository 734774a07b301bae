"""Pages and API of loans. Start in views.py; the verbs are in needs/loans/."""
