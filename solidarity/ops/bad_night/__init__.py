"""The load of a bad night: people on phones, dispatchers and many readers, with a crisis opened in the middle."""
