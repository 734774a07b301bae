"""What leaves the map: the home page, reports, exports, mails, feeds, the event log, imports, retention."""
