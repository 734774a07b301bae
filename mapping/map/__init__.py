"""The map and what readers see of it: releases, words, pages of the map, overrides, the Why page."""
