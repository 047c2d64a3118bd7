# The commands of the README. Each does its own set-up.

VENV := .venv
READY := $(VENV)/ready
PYTHON := $(VENV)/bin/python
PLAYBOOK := $(VENV)/bin/ansible-playbook -i inventories/demo

.PHONY: demo demo-down test bench lint unit

demo: $(READY) ## a whole media host in a disposable container
	$(PYTHON) -m tests.bed up media-demo
	$(PLAYBOOK) site.yml
	$(PLAYBOOK) playbooks/status.yml

demo-down: $(READY) ## remove it
	$(PYTHON) -m tests.bed down media-demo

test: $(READY) ## everything that CI runs
	$(PYTHON) -m tests.gates
	$(VENV)/bin/pytest tests/unit
	$(PYTHON) -m tests.whole

bench: $(READY) ## what a run with nothing to do costs; needs the demo
	$(PYTHON) -m tests.bench

lint: $(READY) ## the gates alone
	$(PYTHON) -m tests.gates

unit: $(READY) ## the unit tests alone
	$(VENV)/bin/pytest tests/unit

$(READY): requirements.txt
	sh tests/prepare.sh $(VENV)
	touch $@
