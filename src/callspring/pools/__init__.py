"""The pool's brain: which number to give, whom to credit, how it would have done. Pure: no I/O, no clock, no Django.

* `timing.Timing`: when people of one site call, learnt from every credited call. `rate(holder, now)` is calls per
  second to be expected from a visitor (`timing.Holder`), `still(seconds)` the share of later calls yet to come,
  `learn_call` and `learn` take in a call, `to_dict` and `from_dict` store it.
* `posterior.judge(holders, now, timing)`: probabilities for the holders of a dialled number, its sources, and
  strangers.
* `chooser.Chooser(lines, timing)`: `choose(source, device, own, now)` gives a number and the reason. `lines.Lines`
  are the queues it chooses from.
* `policies`: next-in-line, least-recently-used, ours, and an oracle, behind one face, `policies.make(name, numbers,
  calls)`.
* `replay.replay(visits, calls, numbers=…, policy=…, hold=…)`: plays recorded traffic against one, and gives `Figures`.
  `recorded` reads the CSV files of `callspring pool replay`.
"""
