# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collector: numbers of this host that nobody else tells, for Prometheus and for the page of the house.

It runs once a minute as root, with nothing but Python's standard library, and writes two files: media.prom, which
node-exporter passes on, and health.json, which everybody may read. What it asks for is in collector.json.
"""
