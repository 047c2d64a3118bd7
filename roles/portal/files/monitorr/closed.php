<?php
// Copyright: Contributors to the homelab.media project
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Stands in the place of what upstream lets everybody do.
http_response_code(403);
header('Content-Type: text/plain');
echo "closed: settings come from the converge\n";
