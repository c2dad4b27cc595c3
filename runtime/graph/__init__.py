"""Compiled graphs: a function is traced once, and runs on new inputs without its Python code.

``compiled`` is what users see, and ``arguments`` what they pass.  ``trace`` writes the graph (``ssa``), ``remember``
puts long derivatives next to their values, ``fuse`` finds the elementwise instructions that become one kernel,
``lanes`` and ``kernel`` write and compile it, ``plan`` places the results in memory that is used again, and ``execute``
runs the plan.
"""
