"""What has to outlive a process, behind small ports: spools, snapshots, leases, visit numbers."""
