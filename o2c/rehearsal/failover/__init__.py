"""The failover drill: two machines' worth of processes on this one, ended by force under load."""
