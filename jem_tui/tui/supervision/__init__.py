"""Protection against failures of the screen: faults are contained, reported and recovered from."""
