"""Settings that another product kept per number, turned into scenarios by grouping (C8).

`tables` (a file → rows) → `products` (whose export it is, which column says what) → `reading` (a row → a planned
number, or a problem) → `grouping` (numbers configured the same way → one planned scenario): all pure. `standing`,
`carrying_out` and `arrivals` know the company: what becomes of each number, the scenarios, and their undoing.
"""
