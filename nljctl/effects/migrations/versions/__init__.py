"""One file per revision. Each is as it was when it was new: none reads the tables of `platform_tables.py`, which go on changing."""
