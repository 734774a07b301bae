"""A made-up winter in Paris, so that every screen has something true to show (docs/demo.md).

places: the arrondissements. people: associations and accounts. words: what they write. story: from the simulated city
to reports. store: reports into the tables. seeding: all of it, once.
"""
