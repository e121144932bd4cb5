"""The executive report: two pages for one scope of one run, as a web page, as a PDF and by mail."""
