"""E-mail: rendered when it is asked for, sent by a job, as text and HTML."""
