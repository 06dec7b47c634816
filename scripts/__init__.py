"""Sets up a checkout, and makes what is kept in it: wheels, examples, and tables of the documentation."""
