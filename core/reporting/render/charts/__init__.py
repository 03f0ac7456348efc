"""Charts: plain Vega-Lite specifications, one module a chart, rendered to SVG that follows the page's colours."""
