"""The site's own list of categories: names, order and the fixed kind of need behind each. Start with ``site_list``."""
