"""Adapters for gateways of text messages: sending, and reading their signed calls. Start with ``chosen_gateway.of_site``."""
