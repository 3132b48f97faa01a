"""Five COVID-19 imaging papers, one subpackage each."""
