"""The lake: the evidence as Parquet files, and sums over these files on one or several machines (docs/scale.md).

Start at writing_lake (database to files) and engines (files to sums). Only the optional group ``lake`` of pyproject.toml
needs pyarrow, distributed and duckdb, so they are imported where they are used.
"""
