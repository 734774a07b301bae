"""The register of retention rules, their periods, and keyed pseudonyms. Start with ``registry``."""
