"""The spool: an append-only file of framed records beside each door process.

A door writes before it answers and never waits for a database; the ingester reads behind it. `frames` is the format,
`writer` belongs to a door, `reader` to the ingester and to a door that starts again.
"""
