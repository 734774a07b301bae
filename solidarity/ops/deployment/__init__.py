"""Installation on a server: upgrade of the database, nginx, systemd, the image's entry point (docs/deploy.md). Start with
upgrading.py."""
