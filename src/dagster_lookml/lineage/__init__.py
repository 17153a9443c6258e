"""Objects to graph: which tables and columns everything reads."""
