"""Charts of a run: figures made of exhibits and rows, drawn as SVG and PNG, each with its table.

A *figure* (`figure.py` and the modules that make one) is what a chart says, as plain values: its
title, its table and what to draw. It loads no drawing library. A *drawing* (`drawings/`, loaded by
`rendering.py` in a process of its own and nowhere else) turns a figure into an Altair chart.
"""
