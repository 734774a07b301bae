"""Import of a table whose columns are not known in advance: CSV, TSV, XLSX, ODS or GeoJSON.

Start with ``column_mapping``; ``table_converter`` turns any table into one plain CSV file.
"""
