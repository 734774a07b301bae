"""What follows from the map: tonight's tours, parameters, self-checks, territories, needs that come back."""
