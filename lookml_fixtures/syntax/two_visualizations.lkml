project_name: "p"
visualization: { id: "a" url: "/a.js" }
visualization: { id: "b" url: "/b.js" }
