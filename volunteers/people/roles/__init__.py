"""What an account may do: duties, and the second factor that they require.

Start with :mod:`standing`.
"""
