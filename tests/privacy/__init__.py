"""The ten attacks of docs/adr/0020. Each goes through HTTP, as an attacker would; none may succeed."""
