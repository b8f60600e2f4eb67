"""The ranks of a run: processes that train one model together, each on its share of the images and chains."""
