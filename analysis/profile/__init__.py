"""How well each parameter is known: the best that can be had at each of its values, all others searched anew."""
