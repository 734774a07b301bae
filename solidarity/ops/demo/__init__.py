"""A made-up winter in Paris, so that every screen has something true to show (docs/demo.md).

places: the arrondissements. people: associations and accounts. words: what they write. city: who was there. story: what
was filed. telling: from the simulated city to the story, in parts (tours, citizens, wants with their fates, meals) on one
stage. store: the story into the tables. seeding: all of it, once.
"""
