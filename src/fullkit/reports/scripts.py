"""What draws a picture in a browser."""

SCRIPTS = (
    "vendor/vega-6.4.0.min.js",
    "vendor/vega-lite-6.4.1.min.js",
    "vendor/vega-interpreter-2.3.2.js",
    "drawings.js",
)
"""In the order in which they need each other, below web/static: a report holds them, a page loads them."""
