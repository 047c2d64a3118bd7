<?php
// Copyright: Contributors to the homelab.media project
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Stands for a script of upstream's that takes what anybody sends.
echo "taken\n";
