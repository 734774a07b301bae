"""The desk: which needs a dispatcher works on, who is told of them, help across a border. Start at ``scope``."""
