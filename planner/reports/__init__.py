"""Reports: domain objects turned into tables, charts and sentences that every output shares."""
