"""The command line, the plan, the runner, and the checks of a machine."""
