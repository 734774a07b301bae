"""The ten attacks of docs/adr/0020: each is tried as an attacker would, through HTTP; none may succeed."""
