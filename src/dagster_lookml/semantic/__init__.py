"""Files to typed objects, per model: what Looker would make of the LookML."""
