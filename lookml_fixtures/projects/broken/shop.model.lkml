connection: "warehouse"

include: "*.view"
include: "*.explore"
include: "*.dashboard"
