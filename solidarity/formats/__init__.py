"""Date and number formats for languages whose Django formats are missing or unusual in France."""
