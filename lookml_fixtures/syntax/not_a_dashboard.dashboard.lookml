- dashboard: sales
-
- title: no name
just: a map
