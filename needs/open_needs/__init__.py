"""Open needs as volunteers see them: the list, one need with its area, the form that takes it.

Start in ``nearby``.
"""
