"""From an inventory to an assessment: plan, collect, interpret, judge, score. Only `collect` waits for the network."""
