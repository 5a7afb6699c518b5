"""MEASURE: an event table in, a small table out."""
