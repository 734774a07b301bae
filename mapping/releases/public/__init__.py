"""What everybody may see: the partition of privacy.md, its blur, the archives, the page. Planners here know no database."""
