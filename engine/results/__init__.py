"""What a run left on disk, as its readers find it, and how a recorded draw is simulated again."""
