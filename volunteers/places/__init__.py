"""Places: territories and access to them, borders of communes, names of places, the street map."""
