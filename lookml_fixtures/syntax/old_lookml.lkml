# of 2014
- view: orders
  fields:
  - dimension: id
