"""What a posterior says: parameters, what happened unseen, and whether the record looks like a draw from it."""
