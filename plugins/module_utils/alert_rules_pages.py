# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about the front door: published pages, certificates, and who tries to sign in."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule

_GUARDED = 'access=~"one_factor|two_factor"'


def _probes(house: House) -> bool:
    return house.probes


RULES = (
    Rule(
        "ProbeFailed",
        _probes,
        "min by (service, instance) (probe_success) == 0",
        "5m",
        "critical",
        "{{ $labels.instance }} does not answer as it should",
        "Asked as a browser would, through the front door, the page gives a wrong answer or none.",
        "Open it yourself. Then run playbooks/verify.yml: it asks every name, and says what is wrong.",
    ),
    Rule(
        "PageUnprotected",
        lambda house: house.probes and house.guarded,
        # The probe of such a page follows nobody: without a sign-in, all that it may get is the way to the portal.
        f"max by (service, instance) (probe_http_status_code{{{_GUARDED}}} >= 200"
        f" and probe_http_status_code{{{_GUARDED}}} < 300)"
        f" or max by (service, instance) (probe_failed_due_to_regex{{{_GUARDED}}}) == 1",
        "1m",
        "critical",
        "{{ $labels.instance }} is open to everybody",
        "Somebody who is not signed in is not sent to the sign-on there.",
        "Close it: stop the front door, or take the page out. Then run site.yml and playbooks/verify.yml.",
    ),
    Rule(
        "PageCertificateEnding",
        _probes,
        "(min by (service, instance) (probe_ssl_earliest_cert_expiry) - time()) / 86400 < @threshold@",
        "1h",
        "warning",
        'The certificate of {{ $labels.instance }} ends in {{ $value | printf "%.0f" }} days',
        "It should have been renewed by now. When it ends, browsers and apps refuse the page.",
        "Run site.yml, which renews it; the front door's log says why the last try failed.",
        threshold=14,
    ),
    Rule(
        "CertificateEnding",
        lambda house: house.host and bool(house.door),
        "(min by (certificate) (media_certificate_expiry_timestamp_seconds) - time()) / 86400 < @threshold@",
        "1h",
        "warning",
        'The certificate {{ $labels.certificate }} ends in {{ $value | printf "%.0f" }} days',
        "It should have been renewed by now. When it ends, browsers and apps refuse every page that has it.",
        "Run site.yml, which renews it; a certificate that you gave yourself has to be given anew.",
        threshold=14,
    ),
    Rule(
        "SignInFailures",
        lambda house: house.sign_ins,
        '(sum(increase(authelia_authn{success="false"}[10m])) or vector(0))'
        ' + (sum(increase(authelia_authn_second_factor{success="false"}[10m])) or vector(0)) > @threshold@',
        "0s",
        "warning",
        'Many failed sign-ins: {{ $value | printf "%.0f" }} within 10 minutes',
        "More than @threshold@ tries to sign in failed. Somebody forgot a password, or somebody is guessing.",
        "Run playbooks/bans.yml, and read state/authelia/authelia.log: it has the addresses and names.",
        threshold=10,
        service=lambda house: house.sign_on,
    ),
)
