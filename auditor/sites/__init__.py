"""Many sites: audits that run where the hosts are, over a PostgreSQL that all sites reach. An optional extra."""
