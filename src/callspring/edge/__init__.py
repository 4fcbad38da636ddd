"""The edge: the door for visitors' browsers. It serves the snippet, gives numbers, takes beacons (no Django here).

`visit_path` is what happens when a page is loaded, `beacon_path` what happens afterwards; `app` puts both on the wire.
"""
