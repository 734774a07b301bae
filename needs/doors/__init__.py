"""The doors into needs and out of it: phone queue, API, batches, retention and own data, figures of associations."""
