view: orders { label: "Orders }
view: users { label: "Users" }
