"""Live leases: who holds which pool number now.

`port` says what every store can do; `pool` is one pool's leases, whoever keeps them, `turns` the line that next-in-line
goes by. `memory` is the embedded profile's store, `valkey` the one that several doors share: `link` speaks to the
server, `lua` has what it runs. `pasts` keeps what numbers' earlier visitors still mean over a restart. Time comes in as
an argument.
"""
