"""Monthly sums of each district that survive retention, so that winters can be compared.

Start in monthly_sums."""
