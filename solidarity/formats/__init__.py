"""How dates are written in languages that Django has no formats for, or writes as nobody here does."""
