"""Who could help with a need, and which needs somebody could help with (docs/matching.md).

rules: the constraints and the order, without a database. reading: facts out of the tables. batch: many needs and many
volunteers at once. proposing: the verbs. capacities: what associations have left. words: reasons in words.

Nobody is assigned and nobody has a score: a pair of a need and a volunteer fits or not, and is shown with its reasons.
"""
