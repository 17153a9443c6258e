- dashboard: sales
  title: One
  title: Two
