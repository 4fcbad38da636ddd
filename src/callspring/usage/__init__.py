"""What an account uses and what that costs: numbers, minutes and messages become ledger entries and forecasts."""
