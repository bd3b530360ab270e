"""Figure 2: what its coefficients decide, one at a time, all at once beside the parameters, and calibrated anew."""
