# Every verb is a short program in solidarity/local, which needs nothing but Python; `make help` lists them.
PYTHON ?= $(or $(SOLIDARITY_PYTHON),$(wildcard /usr/bin/python3),python3)
VERBS := run install dev stop reset test test-all fuzz quality fix bench bench-full chaos several-hosts bad-night backup restore upgrade env pin basemap addresses borders screenshots shell manage lock help

.DEFAULT_GOAL := help
.PHONY: $(VERBS)
$(VERBS):
	@exec $(PYTHON) solidarity/local/main.py $@
