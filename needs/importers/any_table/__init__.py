"""Import of a table with columns that are not known in advance: CSV, TSV, XLSX, ODS or GeoJSON.

Start with ``column_mapping``; ``table_converter`` makes one plain CSV file of any table.
"""
