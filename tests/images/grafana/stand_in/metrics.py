# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Numbers of its own, under upstream's names."""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict

from .app import App
from .store import ADMINISTRATOR


class Metrics:
    """What was answered since the start."""

    def __init__(self) -> None:
        self._begun = time.time()
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, int]] = Counter()
        self._seconds: defaultdict[tuple[str, int], float] = defaultdict(float)

    def answered(self, method: str, status: int, seconds: float) -> None:
        with self._lock:
            self._answers[method, status] += 1
            self._seconds[method, status] += seconds

    def text(self, app: App) -> str:
        lines = [
            "# TYPE grafana_build_info gauge",
            'grafana_build_info{edition="oss",version="13.0.10"} 1',
            "# TYPE grafana_stat_totals_dashboard gauge",
            f"grafana_stat_totals_dashboard {len(app.dashboards.all())}",
            "# TYPE grafana_stat_totals_datasource gauge",
            f"grafana_stat_totals_datasource {len(app.sources)}",
            "# TYPE grafana_stat_total_users gauge",
            f"grafana_stat_total_users {int(app.store.of(ADMINISTRATOR) is not None)}",
            "# TYPE process_start_time_seconds gauge",
            f"process_start_time_seconds {self._begun:.2f}",
            "# TYPE grafana_http_request_duration_seconds summary",
        ]
        with self._lock:
            for (method, status), number in sorted(self._answers.items()):
                labels = f'{{method="{method}",status_code="{status}"}}'
                lines.append(f"grafana_http_request_duration_seconds_count{labels} {number}")
                lines.append(f"grafana_http_request_duration_seconds_sum{labels} {self._seconds[method, status]:.6f}")
        return "\n".join(lines) + "\n"
