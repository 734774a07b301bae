"""The private PostgreSQL cluster and Redis of one checkout. Start reading in running_services.py."""
