"""Quality of recipes after equal training time: runs of several roles, seeds and minutes, and the tables that compare them."""
