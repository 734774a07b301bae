"""Monthly sums of each territory that survive retention, so that winters can be compared.

Start in monthly_sums."""
