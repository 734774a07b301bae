"""The attacks of docs/threat-model.md. Each goes through HTTP, as an attacker would; none may succeed."""
