"""The private PostgreSQL cluster and Redis of one checkout. Start in running_services.py."""
