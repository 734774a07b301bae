"""The digest: what changed near a person, by e-mail, every day or every week.

Start with ``digest_sending.send_due``. ``digest_content`` decides what a digest may contain.
"""
