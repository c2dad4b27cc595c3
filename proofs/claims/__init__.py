"""Claims tables: derivative claims that someone else wrote, read, proved, refuted, or left undecided."""
