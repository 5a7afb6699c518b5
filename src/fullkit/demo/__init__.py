"""A company that does not exist, at work: a history made by calling the verbs, never by writing tables."""
