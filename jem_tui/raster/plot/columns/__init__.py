"""Curves by columns of dots: statistics of each column, and envelopes that join the columns."""
