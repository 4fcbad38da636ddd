"""Live leases: who holds which pool number now.

`port` says what every store can do, `memory` is the embedded profile's. Time comes in as an argument.
"""
