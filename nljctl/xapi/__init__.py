"""xAPI 1.0.3, pure: what a valid statement is, what is wrong with one that is not, which known defects are repaired, and when two are the same."""
