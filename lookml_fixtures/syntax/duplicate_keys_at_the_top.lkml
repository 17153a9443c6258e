connection: "first"
connection: "second"
label: "x"
