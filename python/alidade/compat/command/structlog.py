"""Leads ``import structlog`` in a program to the environment's own, or else to the stand-in."""

from alidade._host.standins import lead

lead(__name__)
