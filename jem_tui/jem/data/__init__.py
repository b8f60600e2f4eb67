"""Data sets: images read from the package, from torchvision or from folders, and reports on what was read."""
