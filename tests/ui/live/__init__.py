"""Tests of the tab Live, which share one page: a package, so that fixtures can end with it."""
