"""Guides for each role: the Markdown files of docs/guides as pages."""
