"""A stand-in for the parts of Dioptra that plugins import, for jobs whose environment lacks it."""
