This is not LookML. It has: colons, "quotes", (parentheses) and a few words.
Still, what follows is:
view: orders { dimension: id {} }
