"""Why a zone, or one cell, has its status: the six points of zones.md, "Why page"."""
