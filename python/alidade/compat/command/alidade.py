"""Leads ``import alidade`` in a program to the package, and nothing to what lies beside the package.

The folder that holds the package may hold others, which must not come before those of the environment; this one
holds only what programs may import.
"""

import importlib.util
import os
import sys

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_spec = importlib.util.spec_from_file_location("alidade", os.path.join(_PACKAGE, "__init__.py"))
assert _spec is not None and _spec.loader is not None
sys.modules["alidade"] = importlib.util.module_from_spec(_spec)  # what the import statement then takes
_spec.loader.exec_module(sys.modules["alidade"])
