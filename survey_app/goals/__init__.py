"""Goals (aim, vision), the KPIs that measure them, and dated targets."""
