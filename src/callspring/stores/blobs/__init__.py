"""Large things that are written once and read as they are: sound of calls. In files, behind a port."""
