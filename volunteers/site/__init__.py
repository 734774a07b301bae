"""The site as a whole: how it is set up, who has access to it, and the pages that belong to no other subject."""
