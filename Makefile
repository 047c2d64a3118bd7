# The commands of the README. Each does its own set-up.

VENV := .venv
PYTHON := $(VENV)/bin/python
PLAYBOOK := $(VENV)/bin/ansible-playbook -i inventories/demo

# Also where Ansible would not trust the folder that the clone is in, or somebody else's settings are in the environment.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.NOTPARALLEL:
.PHONY: demo demo-down test bench lint unit ready ready-for-tests

demo: ready ## a whole media host in a disposable container
	$(PYTHON) -m tests.bed up media-demo
	$(PLAYBOOK) site.yml
	$(PLAYBOOK) playbooks/status.yml

demo-down: ready ## remove it
	$(PYTHON) -m tests.bed down media-demo

test: ready-for-tests ## everything that CI runs
	$(PYTHON) -m tests.whole

bench: ready ## what a run with nothing to do costs; needs the demo
	$(PYTHON) -m tests.bench

lint: ready-for-tests ## the gates alone
	$(PYTHON) -m tests.whole gates

unit: ready-for-tests ## the unit tests alone
	$(PYTHON) -m tests.whole unit

ready:
	@sh tests/prepare.sh $(VENV)

ready-for-tests:
	@sh tests/prepare.sh $(VENV) tests/requirements-apt.txt
