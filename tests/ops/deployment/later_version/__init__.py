"""An app that a later version could add, with two migrations. test_upgrade.py applies them to a real database."""
