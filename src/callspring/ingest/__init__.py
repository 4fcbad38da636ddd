"""The ingester: moves spools into the record exactly once, and credits calls as their evidence comes in."""
