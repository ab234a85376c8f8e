"""How fast, how small and how dear Hookline is: `python -m bench` measures, `bench.cost` prices."""
