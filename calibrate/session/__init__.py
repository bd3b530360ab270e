"""One sitting of a run: planned, drawn on threads or on a cluster, stored, stopped."""
