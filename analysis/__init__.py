"""Soundings' analysis: from facts and a scorebook to scored KPIs. No web, no clock."""
