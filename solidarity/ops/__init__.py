"""Tools around the product: demonstration, benchmarks, chaos test, back-ups. Start at ``management/commands``."""
