"""Tools around the product: demonstration, benchmarks, chaos test, back-ups, and what runs. Start at
``management/commands``, or at ``operation`` for what runs."""
