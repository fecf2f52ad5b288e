"""The ledger in the operational database: append-only, sealed in batches, copied to Parquet for the analyses.

Only this slice touches the table of events. Others record through `actions` and read through `queries`.
"""
