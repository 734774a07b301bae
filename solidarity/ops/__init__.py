"""Tools around the product: demonstration, benchmarks, chaos test, back-ups, and probes of the running site. Start at
``management/commands``, or at ``operation`` for the probes."""
