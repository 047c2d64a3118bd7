<?php
// Copyright: Contributors to the homelab.media project
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Answers 200 if the collector says that the service is up, and 503 if not, or if it has said nothing for ten minutes.
header('Content-Type: text/plain');
header('Cache-Control: no-store');
$name = $_GET['service'] ?? '';
$said = json_decode((string) @file_get_contents(__DIR__ . '/../house/health.json'), true);
if (!is_array($said) || !is_numeric($said['time'] ?? null) || time() - $said['time'] > 600) {
    http_response_code(503);
    exit("nothing is known\n");
}
if (!is_string($name) || !isset($said['services'][$name]['state'])) {
    http_response_code(404);
    exit("no such service\n");
}
$state = $said['services'][$name]['state'];
http_response_code($state === 'up' ? 200 : 503);
echo $state === 'up' ? "up\n" : "not up\n";
