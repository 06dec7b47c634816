"""Many machines, or many processes on one: how a Ray cluster is started or joined."""
