"""Files that leave the platform: the ledger's reports one a row, and the files of zone reports."""
