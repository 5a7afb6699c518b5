"""The same verbs and questions as JSON. One small file per noun; `v1.py` is the table of contents."""
