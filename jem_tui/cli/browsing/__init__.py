"""Commands that open the run browser: `browse` on all runs, `compare` on the comparison of some."""
