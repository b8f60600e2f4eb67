"""Scales of the axes of a chart: transformations of values, round ticks and their labels."""
