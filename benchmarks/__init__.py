"""`make bench`: speed as ratios to a bare handler measured in the same run, because machines differ and are noisy."""
