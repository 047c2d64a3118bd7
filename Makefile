# The commands of the README. Each does its own set-up.

VENV := .venv
PYTHON := $(VENV)/bin/python
PLAYBOOK := $(VENV)/bin/ansible-playbook -i inventories/demo

# Also where Ansible would not trust the folder that the clone is in, or somebody else's settings are in the environment.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg

.NOTPARALLEL:
.PHONY: demo demo-down test bench lint unit gates programs contract ready ready-for-tests long

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

lint: ready-for-tests ## style, types and Ansible's rules: the gates that are quick
	$(PYTHON) -m tests.whole lint

unit: ready-for-tests ## the thinking alone; with lint less than a minute
	$(PYTHON) -m tests.whole unit

gates: ready-for-tests ## the scenarios read; the archive: sanity, docs, what Galaxy says of it, installed into an empty place
	$(PYTHON) -m tests.whole gates

programs: ready-for-tests ## with real programs, sockets and the kernel, no test bed
	$(PYTHON) -m tests.whole programs

long: ready-for-tests ## the trials of many runs: states of a host, what comes and goes, every command of the handbook, AWX's runner
	$(PYTHON) -m tests.whole long

contract: ready-for-tests ## against what upstream publishes
	$(PYTHON) -m tests.whole contract

ready:
	@sh tests/prepare.sh $(VENV)

ready-for-tests:
	@sh tests/prepare.sh $(VENV) tests/requirements-apt.txt
