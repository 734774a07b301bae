"""The filters of lists of needs, for pages, saved searches and the API. Start with ``need_filters``."""
