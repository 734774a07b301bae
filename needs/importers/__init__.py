"""Importing reports from the files of other systems.

A profile knows one system's file: it reads a row and says what becomes of it (accepted, repaired, refused) without
touching the database. ``running`` plans every row, stores what is to be stored in batches, and writes the ledger.
"""
