"""How well pools do, and what keeps them so: accuracy by the hour, daily maintenance, its log, replays (P4, C7)."""
