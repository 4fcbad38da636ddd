"""The inbox: one thread per caller, with calls, texts, voicemails, form messages and notes."""
