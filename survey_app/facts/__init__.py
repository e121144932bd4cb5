"""The only bridge from tables to Parquet: answers, visits and figures as facts, by month."""
