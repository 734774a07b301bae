# Every verb is a short program in solidarity/local, which needs nothing but Python; `make help` lists them.
PYTHON ?= $(or $(SOLIDARITY_PYTHON),$(wildcard /usr/bin/python3),python3)
VERBS := run stop reset test fuzz quality fix bench chaos backup restore basemap shell manage lock help

.DEFAULT_GOAL := help
.PHONY: $(VERBS)
$(VERBS):
	@exec $(PYTHON) solidarity/local/main.py $@
