"""The snapshot: what the doors must know, published by the back as one immutable file per site and one per company.

`published` is the format, `files` writes it atomically, `reader` is a door's always-current view. Doors run and start
without a database because of it.
"""
