- dashboard: sales
	title: Sales
	elements:
	- name: total
	  explore: orders
