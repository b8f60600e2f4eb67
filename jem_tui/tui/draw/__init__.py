"""The draw screen: a drawing, its score by the network of a run, and a chain that starts from it."""
