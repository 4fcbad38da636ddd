"""The doors process: edge and voice behind one plain ASGI application (design.md, "four doors, two processes")."""
