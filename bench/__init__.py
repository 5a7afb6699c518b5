"""Paired timings, as ratios in one run."""
