"""The guide of places: shelters, day centres, food, showers and other services that people can go to.
Start in models.py."""
