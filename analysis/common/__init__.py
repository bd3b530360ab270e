"""What every command of analysis shares: its options, its exhibits, and how tables and small panels look."""
