"""What was done and what came of it: before and after a campaign, events and services by place."""
